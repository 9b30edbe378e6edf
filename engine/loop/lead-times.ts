import type { ControlStore } from "../orchestrator/change/control-store.port.ts";
import type { LeadTime } from "../orchestrator/decide.port.ts";

export type LeadTimeKind = "out" | "in" | "vertical";

/** As many of the last measurements count. */
const REMEMBERED = 40;

/**
 * Seconds from decision to ready capacity, measured per workload and kind of action. Until there are three measurements
 * the stated lead time stands in.
 */
export class LeadTimes {
  readonly #store: ControlStore;
  readonly #stated: (workload: string) => number;
  readonly #measured = new Map<string, number[]>();

  constructor(store: ControlStore, stated: (workload: string) => number) {
    this.#store = store;
    this.#stated = stated;
  }

  async load(workloads: readonly string[]): Promise<void> {
    for (const workload of workloads)
      for (const kind of ["out", "in", "vertical"] as const) {
        const text = await this.#store.value(key(workload, kind));
        if (text !== undefined) this.#measured.set(key(workload, kind), JSON.parse(text) as number[]);
      }
  }

  async record(workload: string, kind: LeadTimeKind, seconds: number): Promise<void> {
    if (!Number.isFinite(seconds) || seconds < 0) return;
    const all = [...(this.#measured.get(key(workload, kind)) ?? []), seconds].slice(-REMEMBERED);
    this.#measured.set(key(workload, kind), all);
    await this.#store.setValue(key(workload, kind), JSON.stringify(all));
  }

  of(workload: string, kind: LeadTimeKind): LeadTime {
    const measured = this.#measured.get(key(workload, kind)) ?? [];
    if (measured.length < 3) return { p95: this.#stated(workload), p99: 2 * this.#stated(workload) };
    const sorted = [...measured].sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
    // With few measurements the p99 is not in them: capacity is given up for lost no sooner than after half as long again.
    return { p95: at(0.95), p99: Math.max(at(0.99), 1.5 * at(0.95)) };
  }
}

function key(workload: string, kind: LeadTimeKind): string {
  return `lead-time:${workload}:${kind}`;
}
