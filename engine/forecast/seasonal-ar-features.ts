import { decodeInto, encode } from "./doubles.ts";
import type { History } from "./history.ts";
import { Ring } from "./ring.ts";
import { SeasonalProfile } from "./seasonal-profile.ts";

/** Lags of the value in ticks; those shorter than an hour are used, and those below 12 in any case. */
const LAGS = [0, 1, 2, 3, 4, 6, 9, 14, 19, 29, 44, 59];
/** From so many ticks a season on, neighbours of a tick tell of it too. */
const FINE = 720;

/**
 * The regressors of the seasonal autoregressions of one series, made once a tick for all of them: recent lags and means,
 * what came at the target's phase one and seven seasons ago, the seasonal profile and deviations from it, and what came one
 * and two "hours" (24ths of a season) before the target. Everything is log(1 + x/scale), less nothing; the target is taken
 * less the profile, so that coefficients of zero mean "as usual".
 */
export class SeasonalArFeatures {
  /** Regressors a row. */
  readonly size: number;
  /** Per horizon: the row of the target that came this tick, as it was known when it lay ahead. */
  readonly past: readonly Float64Array[];
  /** Per horizon: what came, less the profile; NaN where there is nothing to learn from. */
  readonly came: Float64Array;
  /** Per horizon: the row of the target that lies ahead of this tick. */
  readonly ahead: readonly Float64Array[];
  /** Per horizon: the profile at that target; NaN where there is none yet. */
  readonly usual: Float64Array;
  /** Mean of the first season with load: what values are taken over before the logarithm. 0 before. */
  scale = 0;

  private readonly history: History;
  private readonly horizons: readonly number[];
  private readonly hour: number;
  private readonly lags: readonly number[];
  private readonly near: number;
  private readonly around: number;
  /** Widths of the means of the value, and of the deviation from the profile. */
  private readonly valueWidths: readonly number[];
  private readonly deviationWidths: readonly number[];
  private readonly values: Ring;
  private readonly deviations: Ring;
  private readonly valueMeans: readonly Ring[];
  private readonly deviationMeans: readonly Ring[];
  private readonly profile: SeasonalProfile;
  private seen = 0;

  constructor(history: History, horizons: readonly number[]) {
    const { season } = history;
    this.history = history;
    this.horizons = horizons;
    this.hour = Math.max(1, Math.round(season / 24));
    const fine = season >= FINE;
    this.lags = LAGS.filter((lag) => lag < Math.max(12, this.hour));
    this.near = fine ? 1 : 0;
    this.around = fine ? 2 : 1;
    const quarter = Math.max(4, Math.round(this.hour / 4));
    const whole = Math.max(12, this.hour);
    this.valueWidths = [quarter, whole];
    this.deviationWidths = [fine ? 5 : 2, quarter, whole];
    const farthest = horizons[horizons.length - 1];
    this.values = new Ring(7 * season + farthest + 8);
    this.deviations = new Ring(farthest + whole + 4);
    this.valueMeans = this.valueWidths.map(() => new Ring(farthest + 4));
    this.deviationMeans = this.deviationWidths.map(() => new Ring(farthest + 4));
    this.profile = new SeasonalProfile(season, fine ? 2 : 0);
    this.size = this.lags.length + 2 + 2 + 4 + 5 + 2 * (2 * this.near + 1) + 1;
    this.past = horizons.map(() => new Float64Array(this.size));
    this.ahead = horizons.map(() => new Float64Array(this.size));
    this.came = new Float64Array(horizons.length).fill(Number.NaN);
    this.usual = new Float64Array(horizons.length).fill(Number.NaN);
  }

  /** Moves on to the history's last tick. Only the first call of a tick does anything. */
  update(): void {
    if (this.seen === this.history.ticks) return;
    this.seen = this.history.ticks;
    if (this.scale === 0) this.begin();
    else this.advance(this.history.ticks - 1);
    if (this.scale > 0) this.lookAhead();
  }

  /** After a season that was not all zero the scale is known, and what the history remembers is taken in at once. */
  private begin(): void {
    const { history } = this;
    const { season, ticks } = history;
    this.scale = history.endedSeasonMean();
    if (this.scale === 0) return;
    // A whole number of seasons, so that the profile, which counts ticks from 0, has its phase.
    const first = Math.max(0, ticks - 7 * season);
    for (let tick = first; tick < ticks; tick++) this.take(tick);
  }

  private advance(tick: number): void {
    const measured = !this.history.isGap(tick);
    const usual = this.profile.at(tick);
    // Learnt from before the tick enters the profile, which its own forecast could not have known.
    for (let k = 0; k < this.horizons.length; k++) {
      const origin = tick - this.horizons[k];
      const learnable =
        measured && !Number.isNaN(usual) && origin >= this.history.season && !this.history.isGap(origin);
      this.came[k] = learnable ? this.transformed(tick) - usual : Number.NaN;
    }
    this.take(tick);
    for (let k = 0; k < this.horizons.length; k++)
      if (!Number.isNaN(this.came[k])) this.fill(this.past[k], tick - this.horizons[k], this.horizons[k], usual);
  }

  private lookAhead(): void {
    const now = this.history.ticks - 1;
    for (let k = 0; k < this.horizons.length; k++) {
      const usual = this.profile.at(now + this.horizons[k]);
      this.usual[k] = usual;
      if (!Number.isNaN(usual)) this.fill(this.ahead[k], now, this.horizons[k], usual);
    }
  }

  private transformed(tick: number): number {
    return Math.log1p(this.history.at(tick) / this.scale);
  }

  /** Puts a tick's value, deviation and means where rows read them, and into the profile. */
  private take(tick: number): void {
    const value = this.transformed(tick);
    const usual = this.profile.at(tick);
    this.values.set(tick, value);
    this.deviations.set(tick, Number.isNaN(usual) ? 0 : value - usual);
    for (let i = 0; i < this.valueWidths.length; i++)
      this.valueMeans[i].set(tick, mean(this.values, tick, this.valueWidths[i]));
    for (let i = 0; i < this.deviationWidths.length; i++)
      this.deviationMeans[i].set(tick, mean(this.deviations, tick, this.deviationWidths[i]));
    this.profile.push(this.history.isGap(tick) ? Number.NaN : value);
  }

  /** The regressors of the target `h` ahead of `origin`: nothing in them is later than the origin. */
  private fill(row: Float64Array, origin: number, h: number, usual: number): void {
    const { values, lags, hour } = this;
    const { season } = this.history;
    const target = origin + h;
    let n = 0;
    for (let i = 0; i < lags.length; i++) row[n++] = values.at(origin - lags[i]);
    row[n++] = values.at(origin - 2 * hour);
    row[n++] = values.at(origin - 3 * hour);
    for (let i = 0; i < this.valueMeans.length; i++) row[n++] = this.valueMeans[i].at(origin);
    row[n++] = this.deviations.at(origin);
    for (let i = 0; i < this.deviationMeans.length; i++) row[n++] = this.deviationMeans[i].at(origin);
    const before = target - season * Math.ceil(h / season);
    row[n++] = values.at(before);
    let sum = 0;
    let count = 0;
    for (let o = -this.around; o <= this.around; o++) {
      if (before + o > origin || before + o < 0) continue;
      sum += values.at(before + o);
      count++;
    }
    row[n++] = sum / count;
    row[n++] = usual;
    row[n++] = target >= 7 * season ? values.at(target - 7 * season) : usual;
    row[n++] = values.at(origin - season);
    for (let hours = 1; hours <= 2; hours++) {
      // The last time before the origin that is a whole number of hours before the target.
      const earlier = target - hour * Math.max(hours, Math.ceil(h / hour) + hours - 1);
      for (let o = -this.near; o <= this.near; o++) row[n++] = values.at(Math.min(earlier + o, origin));
    }
    row[n] = 1;
  }

  snapshot(): unknown {
    return { scale: this.scale, seen: this.seen, profile: this.profile.snapshot(), arrays: this.arrays().map(encode) };
  }

  restore(state: unknown): void {
    const s = state as { scale: number; seen: number; profile: unknown; arrays: string[] };
    this.scale = s.scale;
    this.seen = s.seen;
    this.profile.restore(s.profile);
    this.arrays().forEach((array, i) => {
      decodeInto(array, s.arrays[i]);
    });
  }

  private arrays(): Float64Array[] {
    const rings = [this.values, this.deviations, ...this.valueMeans, ...this.deviationMeans];
    return [...rings.map((ring) => ring.data), ...this.ahead, this.usual];
  }
}

function mean(ring: Ring, tick: number, width: number): number {
  const count = Math.min(width, tick + 1);
  let sum = 0;
  for (let i = 0; i < count; i++) sum += ring.at(tick - i);
  return sum / count;
}
