/** More would be a fault: a sender that makes names up. */
const MOST_HOSTS = 10_000;
const FORGET_AFTER = 3600;

/** The hosts that told of each workload lately. */
export class Hosts {
  readonly #seen = new Map<string, Map<string, number>>();
  readonly #workloads: ReadonlySet<string> | undefined;

  /** @param workloads that are known; without it, all */
  constructor(workloads?: ReadonlySet<string>) {
    this.#workloads = workloads;
  }

  /** Returns why nothing is taken of the workload and host; undefined when it is. @param now epoch seconds */
  refusal(workload: string, host: string, now: number): string | undefined {
    if (this.#workloads !== undefined && !this.#workloads.has(workload)) return "no workload of this project";
    const hosts = this.#seen.get(workload) ?? new Map<string, number>();
    this.#seen.set(workload, hosts);
    if (!hosts.has(host) && hosts.size >= MOST_HOSTS) {
      for (const [known, at] of hosts) if (at < now - FORGET_AFTER) hosts.delete(known);
      if (hosts.size >= MOST_HOSTS) return `more than ${MOST_HOSTS} hosts of one workload`;
    }
    hosts.set(host, now);
    return undefined;
  }
}
