import { createForecaster } from "../engine/forecast/forecaster.ts";
import { ensembleHere, ThreadedForecastHost } from "../engine/forecast/hosting/host.ts";
import { randomNumbers } from "../engine/forecast/synthetic.ts";
import { Engine } from "../engine/loop/engine.ts";
import { LeadTimes } from "../engine/loop/lead-times.ts";
import { threadedCapacityParser } from "../engine/threaded-capacity-parser.ts";
import { computedUsage } from "../engine/usage/computed-usage.ts";
import { parseConstraints } from "../model/constraints.ts";
import { parseProject } from "../model/project.ts";
import type { UsageVector } from "../model/vector.ts";
import { MemoryControlStore } from "../test/change/memory-control-store.ts";
import { watchTurns } from "./watch-turns.ts";

const STEP = 60;
const START = 1_800_000_000;
const A_STACK = 100;

export interface LoopResult {
  /** Milliseconds of processor time of a tick, and that the event loop was held up for at most. */
  readonly tick: number;
  readonly lag: number;
  /** Bytes resident after the last tick. */
  readonly resident: number;
  /** Looks at the branch, and files read, in all ticks. */
  readonly heads: number;
  readonly reads: number;
}

/**
 * Ticks of a whole engine over many workloads of four series each, a hundred to a stack, in `observe`. Stores, git and change are in memory: what is
 * measured is what the engine does on its own thread.
 */
export async function measureLoop(workloads: number, ticks: number): Promise<LoopResult> {
  let now = START;
  const noise = randomNumbers(3);
  const template = parseProject(
    'version: 1\nworkloads:\n  - { name: w, select: { cgroup: /w }, stack: { dir: ".", name: s }, constraints: w.yaml }\n',
    "bench",
  );
  const constraints = parseConstraints("version: 1\n", "bench");
  const project = {
    ...template,
    workloads: Array.from({ length: workloads }, (_, i) => ({
      ...template.workloads[0],
      name: `w${i}`,
      stack: { dir: ".", name: `s${Math.floor(i / A_STACK)}` },
    })),
  };
  const control = new MemoryControlStore();
  const usage = computedUsage(
    ({ series, end }) => (end <= START ? Number.NaN : (series === "cpu" ? 2 : 2e9) * (1 + 0.1 * noise())),
    async (workload) => [vector(workload, now)],
  );
  const host = new ThreadedForecastHost({
    step: STEP,
    season: project.season,
    workloads,
    say: (text) => console.error(text),
    ensembles: ensembleHere(createForecaster),
  });
  const counts = { heads: 0, reads: 0 };
  const unused = async () => {
    throw new Error("nothing is changed in this benchmark");
  };
  const capacityParser = threadedCapacityParser();
  const engine = new Engine({
    project,
    parseCapacity: capacityParser.parse,
    constraints: new Map(project.workloads.map(({ name }) => [name, constraints])),
    control,
    usage,
    review: {
      head: async () => {
        counts.heads++;
        return "c0ffee";
      },
      read: async (_commit, path) => {
        counts.reads++;
        return capacities(Number(/s(\d+)/.exec(path)![1]));
      },
      proposals: async () => [],
      forget: async () => {},
      propose: async () => "c0ffee",
      push: async () => ({ outcome: "pushed" }),
      anchor: async () => {},
    },
    change: { propose: unused, advance: unused, approve: unused, reject: unused, rollback: unused },
    status: { read: () => undefined },
    leadTimes: new LeadTimes(control, () => 300),
    createForecaster: host.create,
    host,
    clock: { now: () => now, monotonic: () => now },
    version: "bench",
  });
  await engine.loop.load(new Map());
  const result = { tick: 0, lag: 0 };
  // The first tick meets everything for the first time; it counts for the lag alone.
  for (let n = 0; n <= ticks; n++) {
    now += STEP;
    const turns = watchTurns();
    const before = process.cpuUsage();
    await engine.loop.tick();
    const { user, system } = process.cpuUsage(before);
    if (n > 0) result.tick += (user + system) / 1000 / ticks;
    result.lag = Math.max(result.lag, await turns.end());
  }
  await engine.loop.stop();
  await host.end();
  await capacityParser.end();
  return { ...result, resident: process.memoryUsage().rss, ...counts };
}

function vector(workload: string, at: number): UsageVector {
  const usage = { cpu: 2, memory: 2e9, disk_used: 2e9, network_receive: 2e9 };
  return {
    workload,
    host: "h",
    at,
    interval: 1,
    replicas: 4,
    usage,
    demand: usage,
    censored: [],
    missing: [],
    processes: [],
  };
}

function capacities(stack: number): string {
  const one = (i: number) =>
    `w${i}:\n  owns: desired\n  replicas: { count: 4 }\n  perReplica: { cpu: 1, memory: 4GiB }\n` +
    "  storage: { size: 100GiB }\n  network: { bandwidth: 100Gbit/s }\n";
  return `version: 1\n${Array.from({ length: A_STACK }, (_, n) => one(stack * A_STACK + n)).join("")}`;
}
