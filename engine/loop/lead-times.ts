import type { ControlStore } from "../orchestrator/change/control-store.port.ts";
import type { LeadTime } from "../orchestrator/decide.port.ts";

export type LeadTimeKind = "out" | "in" | "vertical";

/** As many of the last measurements count. */
const REMEMBERED = 40;
/** Until there are so many, the stated lead time stands in. */
const LEAST = 3;

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

  /** Those that enough has been measured of. */
  measured(): { readonly workload: string; readonly kind: LeadTimeKind; readonly p95: number }[] {
    return [...this.#measured.keys()].flatMap((one) => {
      const [, workload, kind] = one.split(":") as [string, string, LeadTimeKind];
      return this.#enough(workload, kind) ? [{ workload, kind, p95: this.of(workload, kind).p95 }] : [];
    });
  }

  #enough(workload: string, kind: LeadTimeKind): boolean {
    return (this.#measured.get(key(workload, kind))?.length ?? 0) >= LEAST;
  }

  of(workload: string, kind: LeadTimeKind): LeadTime {
    const measured = this.#measured.get(key(workload, kind)) ?? [];
    if (!this.#enough(workload, kind)) return { p95: this.#stated(workload), p99: 2 * this.#stated(workload) };
    const sorted = [...measured].sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
    // With few measurements the p99 is not in them: capacity is given up for lost no sooner than after half as long again.
    return { p95: at(0.95), p99: Math.max(at(0.99), 1.5 * at(0.95)) };
  }
}

function key(workload: string, kind: LeadTimeKind): string {
  return `lead-time:${workload}:${kind}`;
}
