import { SeasonalProfile } from "./seasonal-profile.ts";
import { SortedWindow } from "./sorted-window.ts";

/** Seasons of scores that quantiles are taken from: a rare quantile needs many, and those of a week know its weekend. */
const WINDOW = 7;
/** Scores kept at most; a finer series gives only every n-th, which neighbours in time hardly differ from. */
const MOST_SCORES = 3_000;
const LEAST_SCORES = 200;
/** Share of the usual |error| at the phase in the scale; the rest is the recent mean. */
const MIX = 0.5;
/** What each season's |error| counts for beside the next one's. */
const MEMORY = 0.9;
/** Seasons after which a recent |error| counts half: an hour and a half of a day. */
const HALF_LIFE = 1 / 16;
/** Neighbours on both sides that the usual |error| is smoothed with. */
const SMOOTH = 3;

/**
 * Split conformal quantiles for one horizon (Vovk et al. 2005; Lei et al. 2018, locally weighted): the error over its expected
 * size is ranked in a trailing window. The expected size mixes the recent mean of |error| with the usual |error| at the
 * target's phase of the season, since some hours are harder than others.
 */
export class Conformal {
  private readonly horizon: number;
  private readonly gain: number;
  private readonly stride: number;
  private readonly profile: SeasonalProfile;
  private readonly scores: SortedWindow;
  private recent = Number.NaN;
  private ticks = 0;

  constructor(season: number, horizon: number) {
    this.horizon = horizon;
    this.gain = 1 - Math.exp(-Math.LN2 / (HALF_LIFE * season));
    this.profile = new SeasonalProfile(season, SMOOTH, MEMORY);
    this.stride = stride(season);
    this.scores = new SortedWindow(Math.max(LEAST_SCORES, Math.ceil((WINDOW * season) / this.stride)));
  }

  /** Takes the error of the forecast whose target was this tick, and the scale it was issued with; NaN where there was none. */
  update(error: number, scale: number): void {
    const size = Math.abs(error);
    if (!Number.isNaN(size)) {
      this.recent = !Number.isNaN(this.recent) ? this.recent + this.gain * (size - this.recent) : size;
      if (scale > 0 && this.ticks % this.stride === 0) this.scores.push(error / scale);
    }
    this.profile.push(size);
    this.ticks++;
  }

  /** The expected size of the error of the forecast that is issued now, at least `floor`. */
  scale(floor: number): number {
    const usual = this.profile.at(this.ticks - 1 + this.horizon);
    const recent = !Number.isNaN(this.recent) ? this.recent : 0;
    const size = !Number.isNaN(usual) ? (1 - MIX) * recent + MIX * usual : recent;
    return size > floor ? size : floor;
  }

  /** Scores ranked so far. */
  get count(): number {
    return this.scores.count;
  }

  /** The quantile of error over scale; NaN before there is a score. */
  quantile(level: number): number {
    return this.scores.count > 0 ? this.scores.quantile(level) : Number.NaN;
  }

  snapshot(): unknown {
    return {
      recent: String(this.recent),
      ticks: this.ticks,
      profile: this.profile.snapshot(),
      scores: this.scores.snapshot(),
    };
  }

  restore(state: unknown): void {
    const s = state as { recent: string; ticks: number; profile: unknown; scores: unknown };
    this.recent = Number(s.recent);
    this.ticks = s.ticks;
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
