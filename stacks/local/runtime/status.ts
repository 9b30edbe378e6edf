import type { ProcessId } from "./process-table.ts";

export type WorkerState = "starting" | "ready" | "draining";

export interface WorkerStatus extends ProcessId {
  /** 1, 2, …: the lowest free number is given to the next worker. */
  readonly replica: number;
  readonly state: WorkerState;
  readonly port: number;
  /** Epoch seconds. */
  readonly startedAt: number;
  readonly readyAt: number | null;
  readonly cgroup: string | null;
}

/** What a pool is: `status.json` in the pool's run directory, written by the supervisor alone. */
export interface PoolStatus {
  readonly version: 1;
  readonly supervisor: ProcessId;
  /** Digest of the spec's text that this is about. */
  readonly spec: string;
  /** Workers wanted now, by count and plan. */
  readonly target: number;
  readonly ready: number;
  /** All wanted workers ready with the wanted limits, none on its way in or out. */
  readonly converged: boolean;
  readonly workers: readonly WorkerStatus[];
  /** Requests answered, and requests that ended without an answer, by all workers since the pool was created. */
  readonly requestsTotal: number;
  readonly failedTotal: number;
  /** Totals of the workers that have ended. */
  readonly retired: { readonly requests: number; readonly failed: number };
  readonly startedTotal: number;
  /** Workers that ended without having been asked to. */
  readonly crashedTotal: number;
  /** What stands in the way, in words; empty when nothing does. */
  readonly problems: readonly string[];
  /** Epoch seconds. */
  readonly updatedAt: number;
}

/** `workers/REPLICA.json`: what a worker says of itself. Written when ready, every half second while it serves, and at its end. */
export interface WorkerReport {
  readonly pid: number;
  readonly replica: number;
  readonly port: number;
  readonly draining: boolean;
  readonly requests: number;
  readonly failed: number;
  readonly inFlight: number;
  readonly bytesSent: number;
}
