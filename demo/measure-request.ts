import { runAgent } from "../agent/agent.ts";
import { SERIES, type SeriesName, seriesValue } from "../model/dimension.ts";
import type { UsageVector } from "../model/vector.ts";
import type { RequestCost } from "./history.ts";
import { startLoad } from "./load.ts";
import { RUN_DIRECTORY, WORKLOAD } from "./settings.ts";

/** Series that requests drive at once; memory follows concurrency, storage adds up. */
const DRIVEN: readonly SeriesName[] = ["cpu", "disk", "network"];
const WARM_UP = 2;
const MEASURED = 5;

/**
 * Sends requests at a known rate and watches what the pool uses for them: the cost of one request on this host.
 *
 * @param rate requests per second
 */
export async function measureRequest(url: string, rate: number): Promise<RequestCost> {
  const vectors: UsageVector[] = [];
  const stop = new AbortController();
  const watching = runAgent(
    {
      workloads: [
        { name: WORKLOAD, select: { cgroup: `/foreshadow/${WORKLOAD}`, volume: `${RUN_DIRECTORY}/volume`, warmUp: 3 } },
      ],
      endpoint: null,
      listen: null,
      discovery: 1,
      onVectors: (all) => vectors.push(...all),
      log: () => {},
    },
    stop.signal,
  );
  const seconds = WARM_UP + MEASURED;
  const load = startLoad({ url, from: Date.now() / 1000, step: 1, rates: Array<number>(seconds).fill(rate) }, () => {});
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  load.stop();
  stop.abort();
  await watching;
  const steady = vectors.slice(-MEASURED);
  const mean = (name: SeriesName) => {
    const values = steady.map((vector) => seriesValue(name, vector.demand)).filter((value) => Number.isFinite(value));
    return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  };
  return {
    perRequest: Object.fromEntries([...DRIVEN.map((name) => [name, mean(name) / rate]), ["memory", 0]]),
    idle: { memory: mean("memory") },
  };
}

/** Series of the last vector, for people. */
export function describeCost({ perRequest }: RequestCost): string {
  return SERIES.filter((name) => (perRequest[name] ?? 0) > 0)
    .map((name) =>
      name === "cpu"
        ? `${((perRequest.cpu ?? 0) * 1000).toFixed(1)} ms CPU`
        : `${Math.round((perRequest[name] ?? 0) / 1000)} kB ${name}`,
    )
    .join(", ");
}
