import { METRICS, type Metric } from "../../../model/dimension.ts";
import type { UsageVector } from "../../../model/vector.ts";
import type { Told } from "./attribution.ts";
import type { Labels } from "./sample.ts";

/** CPU-seconds a second of being held back by a quota from which on demand is only known to be more. */
export const THROTTLED = 0.02;
/** Processes that are told one by one; figures of the workload have all of them. */
const MOST_PROCESSES = 100;
const MOST_SIGNALS = 64;
const KNOWN: ReadonlySet<string> = new Set(METRICS);

interface Sum {
  value: number;
  /** Names of the metrics in it, for figures that need two. */
  readonly names: Set<string>;
  readonly needs: number;
}

/** What was read of one host at about one time, until it is one vector. */
export class PendingVector {
  readonly at: number;
  /** When its first sample came. */
  readonly since: number;
  readonly #seen = new Set<string>();
  /** Sums by figure, and by rank of the family. */
  readonly #sums = new Map<string, Map<number, Sum>>();
  readonly #processes = new Map<
    number,
    { readonly parent: number; readonly executable: string; cpu: number; memory: number }
  >();

  constructor(at: number, since: number) {
    this.at = at;
    this.since = since;
  }

  /** Whether it has a value of the series already. */
  has(series: string, told: Told): boolean {
    return this.#seen.has(`${series}\n${figureKey(told)}`);
  }

  /** @param series its name and labels as one text */
  add(series: string, name: string, labels: Labels, told: Told, value: number): void {
    const key = figureKey(told);
    this.#seen.add(`${series}\n${key}`);
    const ranks = this.#sums.get(key) ?? new Map<number, Sum>();
    this.#sums.set(key, ranks);
    const { rank, outOf } = told.family;
    const sum = ranks.get(rank) ?? { value: 0, names: new Set<string>(), needs: outOf === undefined ? 1 : 2 };
    sum.value += value;
    sum.names.add(name);
    ranks.set(rank, sum);
    this.#process(labels, told, value);
  }

  #process(labels: Labels, { figure }: Told, value: number): void {
    const pid = Number(labels.get("process_pid"));
    if (!Number.isSafeInteger(pid) || pid <= 0 || (figure !== "cpu" && figure !== "memory")) return;
    const executable = labels.get("process_executable_name") ?? "";
    const parent = Number(labels.get("process_parent_pid") ?? Number.NaN);
    const process = this.#processes.get(pid) ?? { parent, executable, cpu: Number.NaN, memory: Number.NaN };
    process[figure] = (Number.isNaN(process[figure]) ? 0 : process[figure]) + value;
    this.#processes.set(pid, process);
  }

  /** The vector; undefined when nothing that counts is complete. */
  vector(of: Pick<UsageVector, "workload" | "host" | "interval">): UsageVector | undefined {
    const [usage, asked]: Partial<Record<Metric, number>>[] = [{}, {}];
    const signals: Record<string, number> = {};
    let throttled = false;
    for (const [key, ranks] of this.#sums) {
      const value = ofLeastRank(ranks);
      if (value === undefined) continue;
      const [kind, name] = key.split("\n");
      if (name === "throttled") throttled = value > THROTTLED;
      else if (!KNOWN.has(name) || kind === "signal") {
        if (Object.keys(signals).length < MOST_SIGNALS) signals[name] = value;
      } else (kind === "demand" ? asked : usage)[name as Metric] = Math.max(0, value);
    }
    const demand: Partial<Record<Metric, number>> = { ...usage };
    for (const metric of Object.keys(asked) as Metric[]) demand[metric] = Math.max(asked[metric]!, usage[metric] ?? 0);
    const told = Object.keys(demand).length > 0;
    if (!told && Object.keys(signals).length === 0) return undefined;
    return {
      ...of,
      at: this.at,
      replicas: told ? this.#replicas(usage) : 0,
      usage,
      demand,
      censored: throttled && usage.cpu !== undefined ? ["cpu"] : [],
      ...(Object.keys(signals).length === 0 ? {} : { signals }),
      missing: [],
      processes: this.#told(),
    };
  }

  /** Processes whose parents are none of them, where parents are told; else the host is one. What tells of load alone is none. */
  #replicas(usage: Partial<Record<Metric, number>>): number {
    const main = [...this.#processes.values()].filter(
      ({ parent }) => !Number.isNaN(parent) && !this.#processes.has(parent),
    );
    if (main.length > 0) return main.length;
    return usage.cpu === undefined && usage.memory === undefined ? 0 : 1;
  }

  #told(): UsageVector["processes"] {
    const greatest = [...this.#processes].sort(([, a], [, b]) => (b.cpu || 0) - (a.cpu || 0)).slice(0, MOST_PROCESSES);
    return greatest.map(([pid, { executable, cpu, memory }]) => {
      const usage = { ...(!Number.isNaN(cpu) && { cpu }), ...(!Number.isNaN(memory) && { memory }) };
      return { identity: { pid, startTime: 0 }, executable, usage, demand: usage, censored: [], threads: [] };
    });
  }
}

function figureKey({ figure, family }: Told): string {
  if (typeof figure === "object") return `signal\n${figure.signal}`;
  return `${family.demand === true ? "demand" : "usage"}\n${figure}`;
}

function ofLeastRank(ranks: ReadonlyMap<number, Sum>): number | undefined {
  const complete = [...ranks].filter(([, { names, needs }]) => names.size >= needs);
  complete.sort(([a], [b]) => a - b);
  return complete[0]?.[1].value;
}
