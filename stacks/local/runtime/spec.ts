import { createHash } from "node:crypto";

/** What a pool is to be: `spec.json` in the pool's run directory, written by the provider, read by the supervisor. */
export interface PoolSpec {
  readonly version: 1;
  readonly pool: string;
  /** Workers before the plan's first step. */
  readonly count: number;
  /** From `at` (epoch seconds) on, that many workers. Ascending. */
  readonly plan: readonly PlanStep[];
  /** Cores a worker may use; null without a limit. */
  readonly cpu: number | null;
  /** Bytes a worker may occupy; null without a limit. */
  readonly memory: number | null;
  /** The port asked for; 0 leaves the choice to the pool. */
  readonly port: number;
  readonly listen: Listen;
}

/** Where the workers listen. One that listens elsewhere is replaced. */
export interface Listen {
  /** The network namespace that the address is in; null for the host's own. */
  readonly netns: string | null;
  readonly address: string;
  readonly port: number;
  /** Names the network: one that was made anew under the same name is another. */
  readonly network: string;
}

export function listenKey({ network, address, port }: Listen): string {
  return `${network} ${address}:${port}`;
}

export interface PlanStep {
  readonly at: number;
  readonly floor: number;
}

/**
 * Workers wanted at an instant (epoch seconds): the last step of the plan that has begun, else the base count. The same rule
 * as `replicasAt` of the capacity model, which cannot be imported here: this folder is copied out of the checkout and runs alone.
 */
export function workersAt(spec: Pick<PoolSpec, "count" | "plan">, at: number): number {
  let workers = spec.count;
  for (const step of spec.plan) {
    if (step.at > at) break;
    workers = step.floor;
  }
  return workers;
}

/** Names a text's content: the status says with it which spec it is about. */
export function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
