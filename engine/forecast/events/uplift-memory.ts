import type { SeriesName } from "../../../model/dimension.ts";
import type { PlannedEvent } from "../../../model/planned-event.ts";

/** What an event does to a series, as factors of the value without it: for low quantiles, the middle, and high ones. */
export interface Uplift {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
  /** A person said so; it was learnt; it is what came so far of this first occurrence; or nothing is known. */
  readonly source: "stated" | "learnt" | "coming" | "unknown";
  /** Past occurrences that were measured. */
  readonly occurrences: number;
}

/** A factor beyond these is a fault of the measurement. */
const LEAST = 0.01;
const MOST = 100;
/** Occurrences that are remembered; older ones were of another time. */
const REMEMBERED = 8;
/** With so many or more, the greatest and the least may be a fault and do not count. */
const ENOUGH_TO_TRIM = 5;
/** Names that are remembered: a calendar may name every occurrence differently. */
const MOST_NAMES = 1000;

/** Series that load drives: a stated uplift is of these. What an event does to memory and storage is only ever learnt. */
const LOAD_DRIVEN: readonly SeriesName[] = ["cpu", "disk", "network", "requests"];

export function admissible(factor: number): number {
  return factor > LEAST ? Math.min(factor, MOST) : LEAST;
}

/**
 * What past occurrences of each event did to one series. The middle is the median over occurrences of the median over ticks of value over
 * the forecast without the event: neither one mad tick nor one mad occurrence moves it. The outer quantiles take the range.
 */
export class UpliftMemory {
  private readonly series: SeriesName;
  private names = new Map<string, number[]>();

  constructor(series: SeriesName) {
    this.series = series;
  }

  /** Takes what an occurrence came to. */
  record(name: string, factor: number): void {
    if (!Number.isFinite(factor)) return;
    const factors = [...(this.names.get(name) ?? []), admissible(factor)].slice(-REMEMBERED);
    // The name that was used last is the last to be forgotten.
    this.names.delete(name);
    this.names.set(name, factors);
    if (this.names.size > MOST_NAMES) this.names.delete(this.names.keys().next().value as string);
  }

  of({ name, uplift }: PlannedEvent): Uplift {
    const factors = this.names.get(name) ?? [];
    const occurrences = factors.length;
    if (uplift !== undefined && LOAD_DRIVEN.includes(this.series)) {
      const factor = admissible(uplift);
      return { low: factor, middle: factor, high: factor, source: "stated", occurrences };
    }
    if (occurrences === 0) return { low: 1, middle: 1, high: 1, source: "unknown", occurrences };
    const sorted = [...factors].sort((a, b) => a - b);
    const trim = occurrences >= ENOUGH_TO_TRIM ? 1 : 0;
    return {
      low: sorted[trim],
      middle: median(sorted),
      high: sorted[occurrences - 1 - trim],
      source: "learnt",
      occurrences,
    };
  }

  /** What occurrences of a name came to, oldest first. */
  came(name: string): readonly number[] {
    return this.names.get(name) ?? [];
  }

  snapshot(): unknown {
    return [...this.names];
  }

  restore(state: unknown): void {
    this.names = new Map(state as [string, number[]][]);
  }
}

/** Of ascending numbers, at least one. */
export function median(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
