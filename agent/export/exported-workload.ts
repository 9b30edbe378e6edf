import type { Metric } from "../../model/dimension.ts";
import type { ProcessIdentity, ProcessMeasures, UsageVector } from "../../model/vector.ts";
import type { ProcessSampler } from "../sample/process-sampler.ts";
import type { WorkloadSample } from "../sample/workload-sampler.ts";

/** Cumulative figures: seconds and bytes. `NaN` where not readable. */
export interface ProcessCounters {
  user: number;
  system: number;
  /** Seconds waited for a CPU. */
  waited: number;
  read: number;
  written: number;
}

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

interface Group {
  readonly identity: ProcessIdentity;
  readonly counters: ProcessCounters;
}

/** A process that was exported last time keeps its place against one that is not much greater: series should not flap. */
const INCUMBENT = 1.25;
const GIBIBYTE = 1024 ** 3;
/** Executables that groups are named after; what else comes is one group. */
const MOST_GROUPS = 100;
const OTHERS = "others";
/** A process's rank: a core counts as this many gibibytes. */
const GIBIBYTES_A_CORE = 50;

/** Chooses the processes of one workload that are exported one by one; keeps the counters of the others' groups. */
export class ProcessSelection {
  readonly #top: number;
  readonly #groups = new Map<string, Group>();
  #chosen = new Set<ProcessSampler>();
  #before = new WeakMap<ProcessSampler, ProcessCounters>();

  constructor(top: number) {
    this.#top = top;
  }

  select({ vector, processes }: WorkloadSample): ExportedWorkload {
    const chosen = this.#choose(processes);
    const exported: ExportedProcess[] = [];
    const rest = new Map<string, ProcessMeasures[]>();
    processes.forEach((sampler, i) => {
      const measures = vector.processes[i];
      if (chosen.has(sampler)) {
        exported.push({ measures, counters: countersOf(sampler) });
        return;
      }
      const name = this.#groupName(sampler.executable);
      this.#accumulate(sampler, name);
      const group = rest.get(name);
      if (group === undefined) rest.set(name, [measures]);
      else group.push(measures);
    });
    this.#remember(processes);
    for (const [executable, measures] of rest) {
      const group = this.#group(executable);
      exported.push({ measures: together(group.identity, executable, measures), counters: group.counters });
    }
    for (const measures of vector.processes.slice(processes.length)) exported.push({ measures, counters: undefined });
    return { vector: { ...vector, processes: exported.map(({ measures }) => measures) }, processes: exported };
  }

  #choose(processes: readonly ProcessSampler[]): ReadonlySet<ProcessSampler> {
    if (processes.length > this.#top) {
      const ranked = processes.map((sampler) => ({ sampler, rank: this.#rank(sampler) }));
      ranked.sort((a, b) => b.rank - a.rank);
      this.#chosen = new Set(ranked.slice(0, this.#top).map(({ sampler }) => sampler));
    } else this.#chosen = new Set(processes);
    return this.#chosen;
  }

  #rank(sampler: ProcessSampler): number {
    const rank = sampler.cpuDemand * GIBIBYTES_A_CORE + sampler.resident / GIBIBYTE;
    return this.#chosen.has(sampler) ? rank * INCUMBENT : rank;
  }

  #groupName(executable: string): string {
    return this.#groups.has(executable) || this.#groups.size < MOST_GROUPS ? executable : OTHERS;
  }

  #group(executable: string): Group {
    let group = this.#groups.get(executable);
    if (group === undefined) {
      group = {
        identity: { pid: 0, startTime: 0 },
        counters: { user: 0, system: 0, waited: 0, read: 0, written: 0 },
      };
      this.#groups.set(executable, group);
    }
    return group;
  }

  /** A group counts what its processes did while they were in it, so that it never falls. */
  #accumulate(sampler: ProcessSampler, name: string): void {
    const before = this.#before.get(sampler);
    if (before === undefined) return;
    const { counters } = this.#group(name);
    counters.user += sampler.userTime - before.user;
    counters.system += sampler.systemTime - before.system;
    counters.waited += sampler.waitTime - before.waited;
    if (sampler.bytesRead > before.read) counters.read += sampler.bytesRead - before.read;
    if (sampler.bytesWritten > before.written) counters.written += sampler.bytesWritten - before.written;
  }

  #remember(processes: readonly ProcessSampler[]): void {
    for (const sampler of processes) {
      const before = this.#before.get(sampler);
      if (before === undefined) this.#before.set(sampler, countersOf(sampler));
      else Object.assign(before, countersOf(sampler));
    }
  }
}

function countersOf(sampler: ProcessSampler): ProcessCounters {
  return {
    user: sampler.userTime,
    system: sampler.systemTime,
    waited: sampler.waitTime,
    read: sampler.bytesRead,
    written: sampler.bytesWritten,
  };
}

/** A metric of the group is the sum of its processes'; it is absent when one of them has none. */
function together(
  identity: ProcessIdentity,
  executable: string,
  processes: readonly ProcessMeasures[],
): ProcessMeasures {
  return {
    identity,
    executable,
    usage: sum(processes.map(({ usage }) => usage)),
    demand: sum(processes.map(({ demand }) => demand)),
    censored: [...new Set(processes.flatMap(({ censored }) => censored))],
    threads: [],
  };
}

function sum(parts: readonly Partial<Record<Metric, number>>[]): Partial<Record<Metric, number>> {
  const total: Partial<Record<Metric, number>> = {};
  for (const metric of Object.keys(parts[0]) as Metric[]) {
    let value = 0;
    for (const part of parts) value += part[metric] ?? Number.NaN;
    if (!Number.isNaN(value)) total[metric] = value;
  }
  return total;
}
