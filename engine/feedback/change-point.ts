/** One tick adds at most so many multiples of the usual error. */
const MOST_STEP = 4;
/** Multiples of the usual error that are no change. */
const ALLOWED = 1;
/** Sum at which a change is taken for certain: five ticks of large errors. */
const CERTAIN = 14;

/**
 * Tells when the forecasts of a series have become wrong on one side and stay so: two one-sided cumulative sums of scaled
 * errors (Page 1954, "Continuous inspection schemes"; a change is dated to the last time that its sum was 0). One mad sample
 * counts only `MOST_STEP`.
 */
export class ChangeDetector {
  private readonly sums: [number, number] = [0, 0];
  /** Ticks since each sum was last 0. */
  private readonly ages: [number, number] = [0, 0];

  /** Takes the scaled error of a tick, of a forecast that was issued too early to know of a change; NaN is a gap. */
  update(score: number): void {
    const step = Number.isNaN(score) ? 0 : Math.max(-MOST_STEP, Math.min(MOST_STEP, score));
    for (const side of [0, 1] as const) {
      const towards = side === 0 ? step : -step;
      // Bounded, so that a change that is over is soon forgotten. A gap says nothing, but time goes on.
      const next = Number.isNaN(score) ? this.sums[side] : this.sums[side] + towards - ALLOWED;
      this.sums[side] = Math.min(2 * CERTAIN, Math.max(0, next));
      this.ages[side] = this.sums[side] === 0 ? 0 : this.ages[side] + 1;
    }
  }

  /** Ticks since the sum that is the greater by now was last 0; 0 where both are. */
  get suspected(): number {
    return this.ages[this.sums[1] > this.sums[0] ? 1 : 0];
  }

  get certain(): boolean {
    return Math.max(this.sums[0], this.sums[1]) >= CERTAIN;
  }

  /** Begins again, after something was done about a change. */
  reset(): void {
    this.sums.fill(0);
    this.ages.fill(0);
  }
}
