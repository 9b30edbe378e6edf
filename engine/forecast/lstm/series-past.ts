import { decodeInto, encode } from "../doubles.ts";
import type { History } from "../history.ts";
import { Ring } from "../ring.ts";
import { SeasonalProfile } from "../seasonal-profile.ts";
import { hourOf } from "./inputs.ts";
import type { Past } from "./past.port.ts";

/** Least usual size of a deviation, in logarithms: 1 %. */
export const LEAST_SPREAD = 0.01;
/** A deviation enters the usual size at most so many times that size, so that one leap does not blunt the rest of the day. */
export const MOST_SPREADS = 8;

/** The past of one series on its `History`, kept up tick by tick. */
export class SeriesPast implements Past {
  /** Mean of the first season with load; 0 before. */
  scale = 0;
  private readonly history: History;
  private readonly profile: SeasonalProfile;
  private readonly expected: Ring;
  private readonly deviations: Ring;
  private readonly fastGain: number;
  private readonly slowGain: number;
  private spreadNow = LEAST_SPREAD;
  private fastNow = 0;
  private slowNow = 0;
  /** Deviations that were measured, at most a season. */
  private measured = 0;

  constructor(history: History) {
    const { season } = history;
    this.history = history;
    this.profile = new SeasonalProfile(season, season >= 720 ? 2 : 0);
    // Lags reach back less than two hours before the tick, whatever the horizon.
    this.expected = new Ring(4);
    this.deviations = new Ring(2 * hourOf(season) + 4);
    this.fastGain = 1 - Math.exp((-Math.LN2 * 96) / season);
    this.slowGain = 1 - Math.exp((-Math.LN2 * 24) / season);
  }

  /** Whether deviations have a meaning: one season with load has passed. */
  get ready(): boolean {
    return this.scale > 0 && this.measured > 0;
  }

  /** Moves on to the history's last tick. */
  update(): void {
    if (this.scale > 0) this.take(this.history.ticks - 1);
    else this.begin();
  }

  private begin(): void {
    const { history } = this;
    const { season, ticks } = history;
    this.scale = history.endedSeasonMean();
    if (this.scale === 0) return;
    for (let tick = ticks - season; tick < ticks; tick++) {
      this.expected.set(tick, Number.NaN);
      this.deviations.set(tick, 0);
      this.profile.push(history.isGap(tick) ? Number.NaN : this.value(tick));
    }
  }

  private take(tick: number): void {
    const value = this.value(tick);
    const usual = this.profile.at(tick);
    const gap = this.history.isGap(tick);
    const deviation = Number.isNaN(usual) ? 0 : value - usual;
    this.expected.set(tick, usual);
    this.deviations.set(tick, deviation);
    this.fastNow += this.fastGain * (deviation - this.fastNow);
    this.slowNow += this.slowGain * (deviation - this.slowNow);
    if (!gap && !Number.isNaN(usual)) {
      if (this.measured < this.history.season) this.measured++;
      const most = this.measured < 60 ? Number.POSITIVE_INFINITY : MOST_SPREADS * this.spreadNow;
      this.spreadNow += (Math.min(most, Math.abs(deviation)) - this.spreadNow) / this.measured;
      if (this.spreadNow < LEAST_SPREAD) this.spreadNow = LEAST_SPREAD;
    }
    this.profile.push(gap ? Number.NaN : value);
  }

  value(tick: number): number {
    return Math.log1p(this.history.at(tick) / this.scale);
  }

  usual(tick: number): number {
    return tick < this.history.ticks ? this.expected.at(tick) : this.profile.at(tick);
  }

  deviation(tick: number): number {
    return this.deviations.at(tick);
  }

  spread(): number {
    return this.spreadNow;
  }

  fast(): number {
    return this.fastNow;
  }

  slow(): number {
    return this.slowNow;
  }

  isGap(tick: number): boolean {
    return this.history.isGap(tick);
  }

  snapshot(): unknown {
    const { scale, spreadNow, fastNow, slowNow, measured } = this;
    return {
      scale,
      spreadNow,
      fastNow,
      slowNow,
      measured,
      profile: this.profile.snapshot(),
      arrays: this.arrays().map(encode),
    };
  }

  restore(state: unknown): void {
    const s = state as Record<"scale" | "spreadNow" | "fastNow" | "slowNow" | "measured", number> & {
      profile: unknown;
      arrays: string[];
    };
    this.scale = s.scale;
    this.spreadNow = s.spreadNow;
    this.fastNow = s.fastNow;
    this.slowNow = s.slowNow;
    this.measured = s.measured;
    this.profile.restore(s.profile);
    this.arrays().forEach((array, i) => {
      decodeInto(array, s.arrays[i]);
    });
  }

  private arrays(): Float64Array[] {
    return [this.expected.data, this.deviations.data];
  }
}
