import { SeasonalProfile } from "./seasonal-profile.ts";
import { SortedWindow } from "./sorted-window.ts";

export interface ConformalOptions {
  /** Seasons of scores that quantiles are taken from. */
  readonly window: number;
  /** Share of the seasonal profile of |error| in the scale; the rest is the recent mean. */
  readonly mix: number;
  /** Seasons after which a recent |error| counts half. */
  readonly halfLife: number;
}

/**
 * Split conformal quantiles for one horizon (Vovk et al. 2005; Lei et al. 2018, locally weighted): the error over its expected
 * size is ranked in a trailing window. The expected size mixes the recent mean of |error| with the usual |error| at the
 * target's phase of the season, since some hours are harder than others.
 */
export class Conformal {
  private readonly horizon: number;
  private readonly mix: number;
  private readonly gain: number;
  private readonly profile: SeasonalProfile;
  private readonly scores: SortedWindow;
  private recent = Number.NaN;
  private ticks = 0;

  constructor(season: number, horizon: number, options: ConformalOptions = { window: 3, mix: 0.5, halfLife: 1 / 12 }) {
    this.horizon = horizon;
    this.mix = options.mix;
    this.gain = 1 - Math.exp(-Math.LN2 / (options.halfLife * season));
    this.profile = new SeasonalProfile(season, 3);
    this.scores = new SortedWindow(Math.max(200, Math.round(options.window * season)));
  }

  /** Takes the error of the forecast whose target was this tick, and the scale it was issued with; NaN where there was none. */
  update(error: number, scale: number): void {
    const size = Math.abs(error);
    if (!Number.isNaN(size)) {
      this.recent = !Number.isNaN(this.recent) ? this.recent + this.gain * (size - this.recent) : size;
      if (scale > 0) this.scores.push(error / scale);
    }
    this.profile.push(size);
    this.ticks++;
  }

  /** The expected size of the error of the forecast that is issued now, at least `floor`. */
  scale(floor: number): number {
    const usual = this.profile.at(this.ticks - 1 + this.horizon);
    const recent = !Number.isNaN(this.recent) ? this.recent : 0;
    const size = !Number.isNaN(usual) ? (1 - this.mix) * recent + this.mix * usual : recent;
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
