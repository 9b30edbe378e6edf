import type { ProfiledRuntime } from "../../model/project.ts";
import type { FunctionMeasures, ProcessMeasures } from "../../model/vector.ts";
import type { ExportedWorkload } from "../export/exported-workload.ts";
import type { FunctionOptions, ProfiledWorkload } from "../options.ts";
import { FunctionGrowth } from "./function-growth.ts";
import type { Target } from "./profiler.port.ts";
import { runtimeOf } from "./runtime-of.ts";
import { takeProfile } from "./take-profile.ts";
import { WorkloadPace } from "./workload-pace.ts";

/** Cores below which a process is not worth a profile. */
const LEAST_CPU = 0.02;
/** Seconds for which a profile is told. */
const TOLD_FOR = 3600;
/** What is remembered of processes that were profiled, and of reasons that were said. */
const MOST_REMEMBERED = 1000;
/** Milliseconds that what is under way has to leave a process when the agent stops. */
const LAST_MILLISECONDS = 5000;

export interface ProfilingParts {
  readonly procRoot: string;
  /** Clock ticks a second. */
  readonly ticksPerSecond: number;
  readonly log: (line: string) => void;
}

interface Told {
  readonly until: number;
  readonly functions: readonly FunctionMeasures[];
}

/**
 * Says which functions the CPU time of a workload's processes is spent in, of those workloads that allow it: the few processes that use most are
 * profiled for a short while, one process of a host after the other, now and then and when the workload grows.
 */
export class FunctionProfiling {
  readonly #options: FunctionOptions;
  readonly #parts: ProfilingParts;
  readonly #paces = new Map<string, WorkloadPace>();
  readonly #growth = new Map<string, FunctionGrowth>();
  /** By process. */
  readonly #told = new Map<string, Told>();
  readonly #said = new Set<string>();
  readonly #stop = new AbortController();
  #round: Promise<void> | undefined;

  constructor(options: FunctionOptions, parts: ProfilingParts) {
    this.#options = options;
    this.#parts = parts;
    for (const name of options.workloads.keys()) {
      this.#paces.set(name, new WorkloadPace(options.every));
      this.#growth.set(name, new FunctionGrowth());
    }
  }

  /**
   * Looks at what a workload used in a tick, and begins a round of profiles when it is time for one.
   *
   * @param now seconds of a monotonic clock
   * @returns the same workload with the functions that are known of its processes
   */
  look(workload: ExportedWorkload, now: number): ExportedWorkload {
    const { vector } = workload;
    const allowed = this.#options.workloads.get(vector.workload);
    const pace = this.#paces.get(vector.workload);
    if (allowed === undefined || pace === undefined) return workload;
    const cpu = vector.demand.cpu ?? Number.NaN;
    if (pace.due(cpu, vector.interval, now) && this.#round === undefined) {
      const targets = this.#choose(workload, allowed);
      if (targets.length > 0) {
        pace.begun(cpu, now);
        this.#round = this.#profileAll(vector.workload, targets).finally(() => {
          this.#round = undefined;
        });
      }
    }
    return this.#tell(workload, now);
  }

  #choose({ vector, processes }: ExportedWorkload, { runtimes, port }: ProfiledWorkload): Chosen[] {
    const { procRoot } = this.#parts;
    const busy = processes
      .map(({ measures }) => measures)
      .filter(({ identity, usage }) => identity.pid > 0 && (usage.cpu ?? 0) >= LEAST_CPU)
      .sort((a, b) => (b.usage.cpu ?? 0) - (a.usage.cpu ?? 0));
    const chosen: Chosen[] = [];
    // A workload's greatest processes may be of no runtime that is allowed: the next are taken.
    for (const { identity, executable } of busy) {
      if (chosen.length === this.#options.processes) break;
      const runtime = runtimeOf(procRoot, identity.pid);
      if (runtime === undefined) this.#say(`${vector.workload}: ${executable} is no program of Node, Go or Python`);
      else if (runtimes.includes(runtime))
        chosen.push({ runtime, executable, target: { procRoot, ...identity, ...(port !== undefined && { port }) } });
    }
    return chosen;
  }

  async #profileAll(workload: string, chosen: readonly Chosen[]): Promise<void> {
    for (const one of chosen) {
      if (this.#stop.signal.aborted) return;
      try {
        await this.#profile(workload, one);
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        const reason = error instanceof Error ? error.message : String(error);
        this.#say(`${workload}: ${one.executable} (${one.runtime}) is not profiled: ${reason}`);
      }
    }
  }

  async #profile(workload: string, { runtime, executable, target }: Chosen): Promise<void> {
    const { window: seconds, directory } = this.#options;
    const { ticksPerSecond } = this.#parts;
    const keep = directory === undefined ? {} : { keep: { directory, name: `${workload}-${target.pid}` } };
    const { shares, cpu } = await takeProfile({ runtime, target, seconds, ticksPerSecond, ...keep }, this.#stop.signal);
    const now = performance.now() / 1000;
    const functions = this.#growth.get(workload)?.tell(`${runtime} ${executable}`, shares, cpu, now) ?? [];
    if (functions.length > 0) this.#remember(target, { until: now + TOLD_FOR, functions });
  }

  #remember(target: Target, told: Told): void {
    this.#told.delete(keyOf(target));
    if (this.#told.size >= MOST_REMEMBERED)
      for (const key of [...this.#told.keys()].slice(0, 1)) this.#told.delete(key);
    this.#told.set(keyOf(target), told);
  }

  #tell(workload: ExportedWorkload, now: number): ExportedWorkload {
    if (this.#told.size === 0) return workload;
    const withFunctions = (measures: ProcessMeasures): ProcessMeasures => {
      const told = this.#told.get(keyOf(measures.identity));
      return told === undefined || told.until < now ? measures : { ...measures, functions: told.functions };
    };
    const processes = workload.processes.map((one) => ({ ...one, measures: withFunctions(one.measures) }));
    return { vector: { ...workload.vector, processes: processes.map(({ measures }) => measures) }, processes };
  }

  /** The same once. */
  #say(text: string): void {
    if (this.#said.has(text)) return;
    if (this.#said.size >= MOST_REMEMBERED) this.#said.clear();
    this.#said.add(text);
    this.#parts.log(text);
  }

  /** Ends what is under way; settles when it has left its process, or could not in some seconds. */
  async close(): Promise<void> {
    this.#stop.abort();
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LAST_MILLISECONDS);
    });
    await Promise.race([this.#round, enough]);
    clearTimeout(timer);
  }
}

interface Chosen {
  readonly runtime: ProfiledRuntime;
  readonly executable: string;
  readonly target: Target;
}

function keyOf({ pid, startTime }: { readonly pid: number; readonly startTime: number }): string {
  return `${pid} ${startTime}`;
}
