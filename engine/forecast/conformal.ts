import { SeasonalProfile } from "./seasonal-profile.ts";
import { SortedWindow } from "./sorted-window.ts";

/** Seasons of scores that quantiles are taken from: a rare quantile needs many, and those of a week know its weekend. */
const WINDOW = 7;
/** Scores kept at most; a finer series gives only every n-th, which neighbours in time hardly differ from. */
const MOST_SCORES = 3_000;
const LEAST_SCORES = 100;
/** Share of the usual |error| at the phase in the scale; the rest is the recent mean. */
const MIX = 0.5;
/** What each season's |error| counts for beside the next one's. */
const MEMORY = 0.9;
/** Seasons after which a recent |error| counts half: an hour and a half of a day. */
const HALF_LIFE = 1 / 16;
const LEAST_HALF_LIFE = 30;
/** One error counts as at most so many times the expected: one mad sample must not widen a whole day, nor one leap a week. */
const MOST_SCORE = 20;
/** A scale of less than this share of the recent error rested on zeros alone, as of a volume that was not there yet. */
const GROUNDLESS = 1e-6;
/** Errors that a scale must have rested on for its score to count. */
const WARM_UP = 20;
/** Neighbours on both sides that the usual |error| is smoothed with. */
const SMOOTH = 3;

/**
 * Split conformal quantiles for one horizon (Vovk et al. 2005; Lei et al. 2018, locally weighted): the error over its expected
 * size is ranked in a trailing window. The expected size mixes the recent mean of |error| with the usual |error| at the
 * target's phase of the season, since some hours are harder than others.
 */
export class Conformal {
  private readonly horizon: number;
  private readonly season: number;
  private readonly gain: number;
  private readonly stride: number;
  private readonly profile: SeasonalProfile;
  private readonly scores: SortedWindow;
  private recent = 0;
  private ticks = 0;
  private errors = 0;

  constructor(season: number, horizon: number) {
    this.horizon = horizon;
    this.season = season;
    this.gain = 1 - Math.exp(-Math.LN2 / Math.max(LEAST_HALF_LIFE, HALF_LIFE * season));
    this.profile = new SeasonalProfile(season, SMOOTH, MEMORY);
    this.stride = stride(season);
    this.scores = new SortedWindow(Math.max(LEAST_SCORES, Math.ceil((WINDOW * season) / this.stride)));
  }

  /** Takes the error of the forecast whose target was this tick, and the scale it was issued with; NaN where there was none. */
  update(error: number, scale: number): void {
    const grounded = error === 0 || (this.recent > 0 && scale > GROUNDLESS * this.recent);
    const size = grounded ? Math.min(Math.abs(error), MOST_SCORE * scale) : Math.abs(error);
    if (!Number.isNaN(size)) {
      this.errors++;
      this.recent += Math.max(this.gain, 1 / this.errors) * (size - this.recent);
      // A scale that rested on hardly any error says nothing; its scores would stay for seven seasons.
      if (grounded && this.errors > this.horizon + WARM_UP && this.ticks % this.stride === 0)
        this.scores.push(Math.max(-MOST_SCORE, Math.min(MOST_SCORE, error / scale)));
    }
    this.profile.push(size);
    this.ticks++;
    // With the first season over the forecasts are of another kind, and so are their errors.
    if (this.ticks === this.season) this.scores.clear();
  }

  /** The expected size of the error of the forecast that is issued now, at least `floor`. */
  scale(floor: number): number {
    const usual = this.profile.at(this.ticks - 1 + this.horizon);
    const size = Number.isNaN(usual) ? this.recent : (1 - MIX) * this.recent + MIX * usual;
    return size > floor ? size : floor;
  }

  /** The quantile of error over scale. With few scores, at least as far out as that of a Laplace distribution. */
  quantile(level: number): number {
    const { count } = this.scores;
    if (count >= LEAST_SCORES) return this.scores.quantile(level);
    const usual = level < 0.5 ? Math.log(2 * level) : -Math.log(2 * (1 - level));
    if (count === 0) return usual;
    const ranked = this.scores.quantile(level);
    return level < 0.5 ? Math.min(usual, ranked) : Math.max(usual, ranked);
  }

  snapshot(): unknown {
    return {
      recent: this.recent,
      ticks: this.ticks,
      errors: this.errors,
      profile: this.profile.snapshot(),
      scores: this.scores.snapshot(),
    };
  }

  restore(state: unknown): void {
    const s = state as { recent: number; ticks: number; errors: number; profile: unknown; scores: unknown };
    this.recent = s.recent;
    this.ticks = s.ticks;
    this.errors = s.errors;
    this.profile.restore(s.profile);
    this.scores.restore(s.scores);
  }
}

/** Every how many ticks a score is kept. It has no divisor in common with the season, so that every phase has its turn. */
function stride(season: number): number {
  let every = Math.max(1, Math.ceil((WINDOW * season) / MOST_SCORES));
  while (divisor(every, season) > 1) every++;
  return every;
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}
