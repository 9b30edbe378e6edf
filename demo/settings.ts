import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runRoot } from "../stacks/local/world/run-directory.ts";

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** Seconds a tick of the engine, ticks of a compressed day, days of history, and days that are played. */
export const STEP = 2;
export const DAY_TICKS = 60;
export const DAY = STEP * DAY_TICKS;
export const HISTORY_DAYS = 14;
export const PLAYED_TICKS = Math.round(1.6 * DAY_TICKS);
/** Ticks that the load goes on after the day, where the day ended with what has no way back. */
export const OVERTIME_TICKS = 15;

export const WORKLOAD = "web";
export const STACK = "demo";

/** What one request asks of a worker. */
export const REQUEST = { cpu: 4, bytes: 24_000, disk: 16_384, keep: 2_500, memory: 1_500_000, wait: 40 } as const;

/** Cores of one replica at the beginning, and replicas that the busiest tick should need at the utilisation target. */
export const REPLICA_CPU = 0.2;
export const PEAK_REPLICAS = 6;
export const UTILISATION = 0.6;

/** Everything the demo makes lives in these two places, so that a second start finds what a killed one left. */
export const WORKSPACE = join(
  process.env.XDG_STATE_HOME || join(process.env.HOME || homedir(), ".local", "state"),
  "foreshadow",
  "demo",
);
export const RUN_ROOT = `${runRoot(process.env)}-demo`;
export const RUN_DIRECTORY = join(RUN_ROOT, WORKLOAD);
/** In the environment of every process that the demo starts. */
export const MARK = "FORESHADOW_DEMO";
