import type { ProcessMeasures } from "../../model/vector.ts";
import type { TaskExit } from "../native/task-exits.ts";

/** Processes of a workload that ended in a tick without having been sampled. */
export interface Ended {
  /** Seconds on a CPU by name of the process, up to their exit records. */
  readonly seconds: ReadonlyMap<string, number>;
  readonly count: number;
}

/** Cores of the cgroup that no process accounts for, below which they are the clock's coarseness. */
const COARSE_CORES = 0.02;
const COARSE_CORES_A_PROCESS = 1e-4;
/** Names that are told one by one, those that used most. */
const MOST_NAMES = 10;
/** A child may end a tick after its parent. */
const MOST_REMEMBERED = 10_000;
const LONGEST_CHAIN = 64;

/** Tells which of the host's ended processes were a workload's: those whose ancestors are. */
export class ShortLived {
  #before = new Set<number>();

  /** @param known whether a process of that id is one of the workload's that are sampled */
  claim(exits: readonly TaskExit[], known: (pid: number) => boolean): Ended {
    const parents = new Map(exits.map(({ pid, parent }) => [pid, parent]));
    const own = new Map<number, boolean>();
    const isOwn = (pid: number, depth = 0): boolean => {
      const told = own.get(pid);
      if (told !== undefined) return told;
      const parent = parents.get(pid);
      const mine =
        known(pid) ||
        this.#before.has(pid) ||
        (parent !== undefined && parent !== pid && depth < LONGEST_CHAIN && isOwn(parent, depth + 1));
      own.set(pid, mine);
      return mine;
    };
    const seconds = new Map<string, number>();
    const ended = new Set<number>();
    for (const { tid, pid, name, ran } of exits) {
      if (known(pid) || !isOwn(pid)) continue;
      seconds.set(name, (seconds.get(name) ?? 0) + ran);
      if (tid === pid && ended.size < MOST_REMEMBERED) ended.add(pid);
    }
    this.#before = ended;
    return { seconds, count: ended.size };
  }
}

/**
 * The part of a cgroup's CPU time that its sampled processes do not account for: of ended ones by name, what is left as
 * `short-lived`: the end of their work after their records were written, and what had no record. Together it is exactly that part.
 *
 * @param cores of the cgroup beyond its sampled processes; `NaN` without a cgroup
 * @param count of sampled processes
 */
export function shortLivedMeasures(
  { seconds, count: ended }: Ended,
  cores: number,
  count: number,
  interval: number,
): ProcessMeasures[] {
  if (!(interval > 0)) return [];
  const measures: ProcessMeasures[] = [];
  const names = [...seconds].sort((a, b) => b[1] - a[1]).slice(0, MOST_NAMES);
  let rest = cores;
  for (const [name, ran] of names) {
    const share = ran / interval;
    measures.push(measured(`${name} (ended)`, Number.isNaN(rest) ? share : Math.max(0, Math.min(share, rest))));
    rest -= share;
  }
  const least = ended > 0 ? 0 : COARSE_CORES + count * COARSE_CORES_A_PROCESS;
  if (rest > least) measures.push(measured("short-lived", rest));
  return measures;
}

function measured(executable: string, cpu: number): ProcessMeasures {
  return {
    identity: { pid: 0, startTime: 0 },
    executable,
    usage: { cpu },
    demand: { cpu },
    censored: [],
    threads: [],
  };
}
