import type { UsageVector } from "../../model/vector.ts";

/** Hosts of a workload whose signals are kept; more would be a fault. */
const MOST_HOSTS = 10_000;

/** The last value of each named signal, by workload and host. What is old counts for nothing. */
export class LatestSignals {
  readonly #workloads = new Map<string, Map<string, { at: number; signals: Readonly<Record<string, number>> }>>();

  /** @returns the vectors without those that hold signals alone: they say nothing of usage, nor of who reports */
  take(vectors: readonly UsageVector[]): UsageVector[] {
    return vectors.filter((vector) => {
      const { signals, workload, host, at } = vector;
      if (signals === undefined) return true;
      const hosts = this.#workloads.get(workload) ?? new Map();
      this.#workloads.set(workload, hosts);
      const known = hosts.get(host);
      if (known !== undefined || hosts.size < MOST_HOSTS)
        if (known === undefined || known.at <= at) hosts.set(host, { at, signals: { ...known?.signals, ...signals } });
      return vector.replicas > 0 || Object.keys(vector.usage).length > 0 || vector.missing.length > 0;
    });
  }

  /** Sum and greatest of each signal over the hosts that told it since then. */
  of(workload: string, since: number): Map<string, { readonly sum: number; readonly greatest: number }> {
    const found = new Map<string, { sum: number; greatest: number }>();
    for (const { at, signals } of this.#workloads.get(workload)?.values() ?? []) {
      if (at < since) continue;
      for (const [name, value] of Object.entries(signals)) {
        const { sum, greatest } = found.get(name) ?? { sum: 0, greatest: 0 };
        found.set(name, { sum: sum + value, greatest: Math.max(greatest, value) });
      }
    }
    return found;
  }
}
