/** A loss of this share above its mean is no drift. */
const ALLOWED = 0.25;
/** Seasons of twice the loss that make a drift certain. */
const CERTAIN = 0.33;
/** Seasons that the mean has to rest on, and over which it forgets. */
const LEAST = 1;
const MEMORY = 7;

/**
 * Tells when the losses of a series' forecasts have grown for good though its level has not moved: the shape of its days has
 * changed. Page-Hinkley test (Page 1954; Gama et al. 2014, "A survey on concept drift adaptation", section 3.2) on the loss
 * over its own long-run mean, so that the unit of the series does not matter.
 */
export class DriftDetector {
  private readonly season: number;
  private mean = 0;
  private count = 0;
  private sum = 0;

  /** @param season ticks */
  constructor(season: number) {
    this.season = season;
  }

  /** Takes the loss of a tick, at least 0; NaN is a gap. */
  update(loss: number): void {
    if (Number.isNaN(loss)) return;
    this.count++;
    if (this.count > LEAST * this.season && this.mean > 0) {
      // A single loss counts at most four times the mean, as in `ChangeDetector`.
      const step = Math.min(4, loss / this.mean) - 1 - ALLOWED;
      this.sum = Math.min(2 * CERTAIN * this.season, Math.max(0, this.sum + step));
    }
    this.mean += (loss - this.mean) / Math.min(this.count, MEMORY * this.season);
  }

  get certain(): boolean {
    return this.sum >= CERTAIN * this.season * (1 - ALLOWED);
  }

  /** Begins again, after something was done about a drift. */
  reset(): void {
    this.sum = 0;
  }

  snapshot(): unknown {
    return { mean: this.mean, count: this.count, sum: this.sum };
  }

  restore(state: unknown): void {
    const s = state as { mean: number; count: number; sum: number };
    this.mean = s.mean;
    this.count = s.count;
    this.sum = s.sum;
  }
}
