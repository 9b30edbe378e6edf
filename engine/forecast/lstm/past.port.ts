/**
 * What the global model reads of one series, at ticks that it has seen. Values are log(1 + x / scale), with gaps filled; the
 * scale is the mean of the first season with load. Whoever holds many series implements it on arrays of its own.
 */
export interface Past {
  /** The value of a tick within the last week. */
  value(tick: number): number;
  /** What was usual at the phase of a tick, as it was known before that tick; also for ticks ahead, within a season. NaN where it is not known. */
  usual(tick: number): number;
  /** The value less what was usual, of a tick within the last two hours and the longest canonical horizon; 0 where it is not known. */
  deviation(tick: number): number;
  /** The usual size of a deviation as it was known after a tick: what deviations are measured in. Greater than 0. */
  spread(tick: number): number;
  /** Means of the deviation that forget: half in a 96th and in a 24th of a season. */
  fast(tick: number): number;
  slow(tick: number): number;
  isGap(tick: number): boolean;
}
