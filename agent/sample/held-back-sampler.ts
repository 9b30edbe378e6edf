import type { HeldBack } from "../../model/held-back.ts";
import type { MemoryReading } from "../kernel/cgroup-memory.ts";
import type { Periods } from "../kernel/cgroup-throttling.ts";
import type { CgroupSampler } from "./cgroup-sampler.ts";
import type { Sampling, Tick } from "./sampling.ts";

interface Counters {
  readonly stalled: Readonly<Record<string, number>>;
  readonly periods: Periods | undefined;
  readonly memory: MemoryReading | undefined;
}

/** What a cgroup was held back by, from counters of two ticks. */
export class HeldBackSampler {
  #before: Counters | undefined;

  /** Forgets the tick before: another cgroup's counters are no base. */
  reset(): void {
    this.#before = undefined;
  }

  /** @param memory of this tick, read already */
  read({ buffer, machine }: Sampling, cgroup: CgroupSampler, memory: MemoryReading | undefined, tick: Tick): HeldBack {
    const before = this.#before;
    const now: Counters = {
      stalled: cgroup.pressure?.read(buffer) ?? {},
      periods: cgroup.throttling?.read(buffer),
      memory,
    };
    this.#before = now;
    const figures: HeldBack = { memory_swapped: memory?.swapped };
    if (before !== undefined && tick.interval > 0) {
      const rate = (of: (counters: Counters) => number | undefined) =>
        Math.max(0, (of(now) ?? Number.NaN) - (of(before) ?? Number.NaN)) / tick.interval;
      for (const kind of ["cpu", "memory", "disk"] as const)
        figures[`${kind}_pressure`] = Math.min(
          1,
          rate(({ stalled }) => stalled[kind]),
        );
      figures.cpu_throttled = shareThrottled(before.periods, now.periods);
      figures.memory_returned = rate((counters) => counters.memory?.returnedPages) * machine.pageSize;
      figures.memory_limit_hits = rate((counters) => counters.memory?.limitHits);
    }
    return known(figures);
  }
}

/** Without a figure that is `NaN` or not there. */
export function known(figures: HeldBack): HeldBack {
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => Number.isFinite(value)));
}

/** 0 in a tick without a period: without a quota there is none, and one that nothing wanted to run in is not counted. */
function shareThrottled(before: Periods | undefined, now: Periods | undefined): number {
  if (before === undefined || now === undefined) return Number.NaN;
  const periods = now.all - before.all;
  return periods > 0 ? (now.throttled - before.throttled) / periods : 0;
}
