import { Surprise } from "./surprise.ts";

/** Ticks that a score is taken over: one mad sample alone is noise, three are a fact. */
const SPAN = 3;
/** Least size of a mean over three ticks, in its own standard errors. */
const LEAST = 4;
/** Share of the first season in which nothing is told: there is nothing yet to be outside of. */
const WARM_UP = 0.5;

/**
 * Tells when a series leaves what its forecasts said. The statistic is the sum of the scaled residuals of the last three measured
 * ticks over √3, so that errors on one side add up and noise does not; see `Surprise` for what it is compared with.
 */
export class AnomalyDetector {
  private readonly warmUp: number;
  private readonly surprise: Surprise;
  private recent: number[] = [];
  private ticks = 0;
  private gap = 0;

  /** @param season ticks */
  constructor(season: number) {
    this.warmUp = Math.max(SPAN, Math.round(WARM_UP * season));
    this.surprise = new Surprise(season, LEAST);
  }

  /** The side on which it is outside, as of the last tick. */
  get direction(): 1 | -1 {
    return sum(this.recent) < 0 ? -1 : 1;
  }

  /**
   * Takes the score of the next tick's residual; NaN is a gap.
   *
   * @returns ratio to what opens an alert; NaN in a gap, 0 in warm-up
   */
  update(score: number): number {
    const tick = this.ticks++;
    if (Number.isNaN(score)) {
      // What came before an outage says nothing of what comes after it.
      if (++this.gap >= SPAN) this.recent = [];
      return this.surprise.update(Number.NaN);
    }
    this.gap = 0;
    this.recent = [...this.recent, score].slice(-SPAN);
    const ratio = this.surprise.update(Math.abs(sum(this.recent)) / Math.sqrt(SPAN));
    return tick < this.warmUp ? 0 : ratio;
  }

  snapshot(): unknown {
    return { ticks: this.ticks, gap: this.gap, recent: this.recent, surprise: this.surprise.snapshot() };
  }

  restore(state: unknown): void {
    const s = state as { ticks: number; gap: number; recent: number[]; surprise: unknown };
    this.ticks = s.ticks;
    this.gap = s.gap;
    this.recent = s.recent;
    this.surprise.restore(s.surprise);
  }
}

function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
