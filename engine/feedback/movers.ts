import { type SeriesName, seriesValue } from "../../model/dimension.ts";
import type { UsageVector } from "../../model/vector.ts";
import type { Mover } from "./alert.ts";
import { describeFunction, growingFunction } from "./growing-function.ts";

/** What a tick counts for in the usual usage of a process. */
const GAIN = 0.2;
/** Processes that are remembered of one workload. */
const MOST_PROCESSES = 10_000;
/** Movers that an alert names. */
const NAMED = 3;

interface Known {
  usual: number;
  seen: number;
}

/** What each process of a workload usually uses of one series, to tell which of them moved. */
export class ProcessUsage {
  private readonly series: SeriesName;
  private readonly known = new Map<string, Known>();
  private ticks = 0;

  constructor(series: SeriesName) {
    this.series = series;
  }

  /** Takes the processes of a tick into what is usual. Not called while an alert is open: "before" stays before. */
  learn(vectors: readonly UsageVector[]): void {
    this.ticks++;
    for (const { key, now } of usages(this.series, vectors)) {
      const known = this.known.get(key);
      if (known !== undefined) {
        known.usual += GAIN * (now - known.usual);
        known.seen = this.ticks;
      } else if (this.known.size < MOST_PROCESSES) this.known.set(key, { usual: now, seen: this.ticks });
    }
    for (const [key, { seen }] of this.known) if (this.ticks - seen > 1 / GAIN) this.known.delete(key);
  }

  /** The processes that account for most of a change upwards (`sign` 1) or downwards (−1), the greatest first. */
  movers(vectors: readonly UsageVector[], sign: 1 | -1): Mover[] {
    const present = new Map(usages(this.series, vectors).map((usage) => [usage.key, usage]));
    const all: Mover[] = [...present.values()].map(({ key, host, pid, executable, inside, now }) => ({
      host,
      pid,
      executable,
      ...(inside === undefined ? {} : { function: inside }),
      before: this.known.get(key)?.usual ?? 0,
      now,
    }));
    for (const [key, { usual }] of this.known)
      if (!present.has(key)) all.push({ ...parse(key), before: usual, now: 0 });
    return all
      .filter(({ before, now }) => sign * (now - before) > 0)
      .sort((a, b) => sign * (b.now - b.before - (a.now - a.before)))
      .slice(0, NAMED);
  }
}

function usages(series: SeriesName, vectors: readonly UsageVector[]) {
  return vectors.flatMap(({ host, processes }) =>
    processes.flatMap(({ identity: { pid, startTime }, executable, usage, functions }) => {
      const now = seriesValue(series, usage);
      if (!Number.isFinite(now) || now < 0) return [];
      const one = series === "cpu" && functions !== undefined ? growingFunction([functions]) : undefined;
      const inside = one && describeFunction(one);
      return [{ key: JSON.stringify([host, pid, startTime, executable]), host, pid, executable, inside, now }];
    }),
  );
}

function parse(key: string): Pick<Mover, "host" | "pid" | "executable"> {
  const [host, pid, , executable] = JSON.parse(key) as [string, number, number, string];
  return { host, pid, executable };
}
