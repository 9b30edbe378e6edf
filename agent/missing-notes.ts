import type { UsageVector } from "../model/vector.ts";

/** Reasons come and go with processes: what is told of one workload has an end. */
const MOST = 20;

/** Tells of each workload what is not measured and why, each reason once: privileges, a namespace that is shared, no process found. */
export class MissingNotes {
  readonly #told = new Map<string, Set<string>>();
  readonly #log: (line: string) => void;

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  note({ workload, missing }: Pick<UsageVector, "workload" | "missing">): void {
    if (missing.length === 0) return;
    const told = this.#told.get(workload) ?? new Set();
    this.#told.set(workload, told);
    const metrics = new Map<string, string[]>();
    for (const { metric, reason } of missing) {
      if (told.has(reason)) continue;
      const same = metrics.get(reason);
      if (same === undefined) metrics.set(reason, [metric]);
      else same.push(metric);
    }
    for (const [reason, names] of metrics) {
      if (told.size >= MOST) return;
      told.add(reason);
      this.#log(`${workload}: not measured: ${names.join(", ")}: ${reason}`);
    }
  }
}
