import type { ProcessMeasures, UsageVector } from "../../model/vector.ts";
import type { ProcessSampler } from "../sample/process-sampler.ts";
import type { WorkloadSample } from "../sample/workload-sampler.ts";
import { type ProcessCounters, ProcessGroup } from "./process-group.ts";

export interface ExportedProcess {
  readonly measures: ProcessMeasures;
  /** Undefined for what has no counters of its own, such as processes that were never seen. */
  readonly counters: ProcessCounters | undefined;
}

export interface ExportedWorkload {
  /** As measured, with processes beyond the top ones taken together by executable, under pid 0. */
  readonly vector: UsageVector;
  /** Same order as the vector's. */
  readonly processes: readonly ExportedProcess[];
}

/** A process that was exported last time keeps its place against one that is not much greater: series should not flap. */
const INCUMBENT = 1.25;
const GIBIBYTE = 1024 ** 3;
/** A process's rank: a core counts as this many gibibytes. */
const GIBIBYTES_A_CORE = 50;
/** Executables that groups are named after; what else comes is one group. */
const MOST_GROUPS = 100;
const OTHERS = "others";

/** Chooses the processes of one workload that are exported one by one; keeps the counters of the others' groups. */
export class ProcessSelection {
  readonly #top: number;
  readonly #groups = new Map<string, ProcessGroup>();
  #chosen = new Set<ProcessSampler>();
  /** Those that were looked at last. */
  #processes: readonly ProcessSampler[] | undefined;
  readonly #before = new WeakMap<ProcessSampler, ProcessCounters>();

  constructor(top: number) {
    this.#top = top;
  }

  select({ vector, processes, shortLived }: WorkloadSample): ExportedWorkload {
    // Idle processes are most of them, and often all: what did not change needs no choosing and no counting.
    if (processes !== this.#processes || processes.some(({ changed }) => changed)) this.#regroup(processes);
    const exported: ExportedProcess[] = [];
    for (const sampler of this.#chosen)
      exported.push({ measures: sampler.measures(), counters: this.#before.get(sampler) });
    for (const group of this.#groups.values())
      if (group.size > 0) exported.push({ measures: group.measures(), counters: group.counters });
    for (const measures of shortLived) exported.push({ measures, counters: undefined });
    return { vector: { ...vector, processes: exported.map(({ measures }) => measures) }, processes: exported };
  }

  #regroup(processes: readonly ProcessSampler[]): void {
    const chosen = this.#choose(processes);
    for (const group of this.#groups.values()) group.clear();
    for (const sampler of processes) {
      const alone = chosen.has(sampler);
      if (!alone) this.#group(sampler.executable).add(sampler);
      if (sampler.changed || processes !== this.#processes) this.#count(sampler, alone);
    }
    this.#processes = processes;
  }

  #choose(processes: readonly ProcessSampler[]): ReadonlySet<ProcessSampler> {
    if (processes.length <= this.#top) {
      this.#chosen = new Set(processes);
      return this.#chosen;
    }
    const ranks = processes.map((sampler) => this.#rank(sampler));
    const least = nthLargest(ranks, this.#top);
    const chosen = processes.filter((_, i) => ranks[i] > least);
    for (let i = 0; i < processes.length && chosen.length < this.#top; i++)
      if (ranks[i] === least) chosen.push(processes[i]);
    this.#chosen = new Set(chosen);
    return this.#chosen;
  }

  #rank(sampler: ProcessSampler): number {
    const rank = sampler.cpuDemand * GIBIBYTES_A_CORE + sampler.resident / GIBIBYTE;
    return this.#chosen.has(sampler) ? rank * INCUMBENT : rank;
  }

  #group(executable: string): ProcessGroup {
    const name = this.#groups.has(executable) || this.#groups.size < MOST_GROUPS ? executable : OTHERS;
    let group = this.#groups.get(name);
    if (group === undefined) {
      group = new ProcessGroup(name);
      this.#groups.set(name, group);
    }
    return group;
  }

  /** A group counts what its processes did while they were in it, so that it never falls. */
  #count(sampler: ProcessSampler, alone: boolean): void {
    const before = this.#before.get(sampler);
    if (before === undefined) {
      this.#before.set(sampler, readCounters(sampler, { user: 0, system: 0, waited: 0, read: 0, written: 0 }));
      return;
    }
    if (!alone) this.#group(sampler.executable).count(before, sampler);
    readCounters(sampler, before);
  }
}

/** In one pass: there are many values and few of them are asked for. */
function nthLargest(values: readonly number[], n: number): number {
  const largest: number[] = [];
  for (const value of values) {
    if (largest.length === n && !(value > largest[0])) continue;
    if (largest.length === n) largest.shift();
    let at = largest.length;
    while (at > 0 && largest[at - 1] > value) at--;
    largest.splice(at, 0, value);
  }
  return largest[0];
}

function readCounters(sampler: ProcessSampler, into: ProcessCounters): ProcessCounters {
  into.user = sampler.userTime;
  into.system = sampler.systemTime;
  into.waited = sampler.waitTime;
  into.read = sampler.bytesRead;
  into.written = sampler.bytesWritten;
  return into;
}
