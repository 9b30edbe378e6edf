import type { SeriesName } from "../../model/dimension.ts";
import type { UsageVector } from "../../model/vector.ts";
import type { UsageStore } from "./usage-store.port.ts";

/** A stretch that a value is asked for, in epoch seconds. */
export interface AskedTick {
  readonly workload: string;
  readonly series: SeriesName;
  readonly begin: number;
  readonly end: number;
}

/** What a host reports of a workload of which nothing but CPU is known, in cores: it got what it asked for. */
export function cpuVector(
  { workload, host, at, replicas }: Pick<UsageVector, "workload" | "host" | "at" | "replicas">,
  cpu: number,
): UsageVector {
  const measures = { usage: { cpu }, demand: { cpu }, censored: [], missing: [], processes: [] };
  return { workload, host, at, interval: 1, replicas, ...measures };
}

/**
 * A store that keeps nothing, and whose past is computed when it is asked for: a trace, or a formula.
 *
 * @param demand mean over a tick; NaN is a gap
 * @param latest vectors that were measured last; none unless told
 */
export function computedUsage(
  demand: (tick: AskedTick) => number,
  latest: UsageStore["latest"] = async () => [],
): UsageStore {
  return {
    append: () => {},
    backfill: async () => {},
    demand: async (workload, series, from, to, step) => ({
      from,
      step,
      values: Float64Array.from({ length: Math.round((to - from) / step) }, (_, i) =>
        demand({ workload, series, begin: from + i * step, end: from + (i + 1) * step }),
      ),
    }),
    usage: async (_workload, _series, from, _to, step) => ({ from, step, values: new Float64Array() }),
    latest,
    flush: async () => {},
    close: async () => {},
  };
}
