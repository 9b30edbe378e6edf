import type { WorkerState } from "./status.ts";

export interface Replica {
  readonly replica: number;
  readonly state: WorkerState;
  /** It serves something that the spec no longer asks for (another port). */
  readonly obsolete: boolean;
}

export interface Actions {
  /** Replica numbers to start a worker for. */
  readonly start: readonly number[];
  /** Replica numbers whose worker is to stop accepting, finish and end. */
  readonly drain: readonly number[];
}

/**
 * What brings a pool to `target` workers. A worker still starting is given up before one that serves, a higher number before
 * a lower; an obsolete one stays until the target is met without it.
 */
export function reconcile(target: number, replicas: readonly Replica[]): Actions {
  const staying = replicas.filter(({ state }) => state !== "draining");
  const current = staying.filter(({ obsolete }) => !obsolete);
  const taken = new Set(replicas.map(({ replica }) => replica));
  const start: number[] = [];
  for (let n = 1; current.length + start.length < target; n++) if (!taken.has(n)) start.push(n);
  const surplus = [...current]
    .sort((a, b) => rank(b.state) - rank(a.state) || b.replica - a.replica)
    .slice(0, Math.max(0, current.length - target));
  const met = current.filter(({ state }) => state === "ready").length >= target;
  const obsolete = met ? staying.filter((replica) => replica.obsolete) : [];
  return { start, drain: [...surplus, ...obsolete].map(({ replica }) => replica) };
}

/** Whether the pool is what was asked for and nothing is on its way in or out. */
export function isConverged(target: number, replicas: readonly Replica[]): boolean {
  return replicas.length === target && replicas.every(({ state, obsolete }) => state === "ready" && !obsolete);
}

function rank(state: WorkerState): number {
  return state === "starting" ? 1 : 0;
}
