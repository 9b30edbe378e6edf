import type { SeriesName } from "../../model/dimension.ts";

/**
 * What a recalibration does to the past that a series' forecaster is taught: what came before `until` counts `factor` times, as if
 * the level had always been what it is now; `from` leaves out what is older, which tells no more of what will come.
 */
export interface Correction {
  readonly series: SeriesName;
  /** Epoch seconds at which the change began. */
  readonly until: number;
  readonly factor: number;
  /** Epoch seconds before which nothing is taught; absent: everything is. */
  readonly from?: number;
}

/** As many corrections of one series are kept; older ones are out of what is taught by then. */
const KEPT = 20;

/** The value that a forecaster is taught for the tick that ends at `end`; NaN where it is taught nothing. */
export function corrected(value: number, end: number, series: SeriesName, corrections: readonly Correction[]): number {
  let result = value;
  for (const correction of corrections) {
    if (correction.series !== series) continue;
    if (end <= correction.until) result *= correction.factor;
    if (correction.from !== undefined && end <= correction.from) return Number.NaN;
  }
  return result;
}

/** The corrections with one more, those that are too old to matter left out. */
export function withCorrection(
  corrections: readonly Correction[],
  next: Correction,
  oldest: number,
): readonly Correction[] {
  const others = corrections.filter(({ series }) => series !== next.series);
  const own = corrections.filter(({ series, until }) => series === next.series && until > oldest);
  return [...others, ...own.slice(1 - KEPT), next];
}
