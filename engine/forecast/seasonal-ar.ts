import { decodeInto, encode } from "./doubles.ts";
import type { History } from "./history.ts";
import type { Model } from "./model.port.ts";
import { NormalEquations } from "./normal-equations.ts";
import { Ring } from "./ring.ts";
import { SeasonalProfile } from "./seasonal-profile.ts";

export interface SeasonalArOptions {
  /** Seasons after which an observation counts half. */
  readonly halfLife: number;
  readonly ridge: number;
  readonly robust: number;
  readonly prior: number;
}

/**
 * Seasonal autoregression, direct for each horizon: a ridge regression of the value `h` ahead on recent lags and means, on what
 * came at the target's phase one and seven seasons ago, on the seasonal profile and the deviation from it, and on what came
 * one and two "hours" (24ths of a season) before the target. On log(1 + x/scale), so that errors count in proportion.
 * Dynamic harmonic regression's class of model (Hyndman and Athanasopoulos, Forecasting: principles and practice, ch. 10),
 * with lags instead of harmonics. Normal equations are kept up at every tick and forget, so that fitting reads no history.
 */
export class SeasonalAr implements Model {
  readonly name: string = "seasonal ar";
  readonly cost;
  private readonly history: History;
  private readonly horizons: readonly number[];
  private readonly options: SeasonalArOptions;
  private readonly season: number;
  private readonly hour: number;
  private readonly lags: readonly number[];
  private readonly near: number;
  private readonly around: number;
  private readonly shortMean: number;
  private readonly longMean: number;
  private readonly deviationMean: number;
  private readonly size: number;
  private readonly keep: number;
  /** log(1 + x/scale) of the last week. */
  private readonly z: Ring;
  private readonly means: readonly [Ring, Ring];
  private readonly deviations: readonly [Ring, Ring];
  private readonly profile: SeasonalProfile;
  private readonly equations: NormalEquations[];
  private readonly coefficients: Float64Array[];
  private readonly error: Float64Array;
  private readonly fitted: Uint8Array;
  private readonly row: Float64Array;
  private scale = 0;

  constructor(
    history: History,
    horizons: readonly number[],
    options: SeasonalArOptions = { halfLife: 4, ridge: 1e-4, robust: 1.5, prior: 1 },
  ) {
    this.history = history;
    this.horizons = horizons;
    this.options = options;
    const P = history.season;
    this.season = P;
    this.hour = Math.max(1, Math.round(P / 24));
    const fine = P >= 720;
    const reach = Math.max(12, this.hour);
    this.lags = [0, 1, 2, 3, 4, 6, 9, 14, 19, 29, 44, 59].filter((lag) => lag < reach);
    this.near = fine ? 1 : 0;
    this.around = fine ? 2 : 1;
    this.shortMean = Math.max(4, Math.round(this.hour / 4));
    this.longMean = Math.max(12, this.hour);
    this.deviationMean = fine ? 5 : 2;
    this.size = this.lags.length + 4 + 4 + 2 * (2 * this.near + 1) + 1;
    this.keep = Math.exp(-Math.LN2 / (options.halfLife * P));
    const farthest = horizons[horizons.length - 1];
    this.z = new Ring(7 * P + farthest + 8);
    const recent = farthest + 4;
    this.means = [new Ring(recent), new Ring(recent)];
    this.deviations = [new Ring(recent), new Ring(recent)];
    this.profile = new SeasonalProfile(P, fine ? 2 : 0);
    this.equations = horizons.map(() => new NormalEquations(this.size));
    this.coefficients = horizons.map(() => new Float64Array(this.size));
    this.error = new Float64Array(horizons.length);
    this.fitted = new Uint8Array(horizons.length);
    this.row = new Float64Array(this.size);
    this.cost = {
      perTick: 3 * horizons.length,
      perFit: 15 * horizons.length,
      fitEvery: Math.max(1, Math.round(P / 48)),
    };
  }

  fit(): void {
    for (let k = 0; k < this.horizons.length; k++) {
      if (this.equations[k].weight < this.season / 4) continue;
      if (this.equations[k].solve(this.coefficients[k], this.options.ridge)) this.fitted[k] = 1;
    }
  }

  update(value: number): void {
    const tick = this.history.ticks - 1;
    if (this.scale === 0) {
      if (this.history.ticks < this.season || this.history.ticks % this.season !== 0) return;
      this.begin();
      return;
    }
    this.take(tick, Number.isNaN(value));
    if (!Number.isNaN(value)) this.learn(tick);
    this.profile.push(!Number.isNaN(value) ? this.z.at(tick) : Number.NaN);
  }

  /** After a season that was not all zero the scale is known: what the history remembers is taken in at once. */
  private begin(): void {
    let sum = 0;
    let count = 0;
    for (let tick = this.history.ticks - this.season; tick < this.history.ticks; tick++) {
      if (this.history.isGap(tick)) continue;
      sum += this.history.at(tick);
      count++;
    }
    if (!(sum > 0)) return;
    this.scale = sum / count;
    const first = Math.max(0, this.history.ticks - 7 * this.season);
    // The profile counts ticks from 0: gaps before what is remembered keep its phase right.
    for (let i = 0; i < first % this.season; i++) this.profile.push(Number.NaN);
    for (let tick = first; tick < this.history.ticks; tick++) {
      const gap = this.history.isGap(tick);
      this.take(tick, gap);
      this.profile.push(gap ? Number.NaN : this.z.at(tick));
    }
  }

  /** Puts a tick's transformed value, means and deviations where rows read them. */
  private take(tick: number, _gap: boolean): void {
    const { z } = this;
    const value = Math.log1p(this.history.at(tick) / this.scale);
    z.set(tick, value);
    this.means[0].set(tick, this.mean(z, tick, this.shortMean));
    this.means[1].set(tick, this.mean(z, tick, this.longMean));
    const usual = this.profile.at(tick);
    this.deviations[0].set(tick, !Number.isNaN(usual) ? value - usual : 0);
    this.deviations[1].set(tick, this.mean(this.deviations[0], tick, this.deviationMean));
  }

  private mean(ring: Ring, tick: number, width: number): number {
    const count = Math.min(width, tick + 1, ring.mask);
    let sum = 0;
    for (let i = 0; i < count; i++) sum += ring.at(tick - i);
    return sum / count;
  }

  private learn(tick: number): void {
    const { horizons, row } = this;
    const target = this.z.at(tick);
    for (let k = 0; k < horizons.length; k++) {
      const origin = tick - horizons[k];
      if (origin < this.season || this.history.isGap(origin)) continue;
      const usual = this.profile.at(tick);
      if (Number.isNaN(usual)) continue;
      this.fill(origin, horizons[k], usual);
      const base = this.base(k);
      let weight = 1;
      if (this.options.robust > 0 && this.fitted[k]) {
        const e = Math.abs(target - base - dot(row, this.coefficients[k]));
        this.error[k] = this.error[k] === 0 ? e : this.error[k] + 0.005 * (e - this.error[k]);
        const typical = this.options.robust * this.error[k];
        weight = e > typical ? typical / e : 1;
      }
      this.equations[k].add(row, target - base, weight, this.keep);
    }
  }

  private base(k: number): number {
    void k;
    return this.options.prior > 0 ? this.baseValue : 0;
  }
  private baseValue = 0;

  /** The regressors of the target `h` ahead of `origin`, as they were known at the origin. */
  private fill(origin: number, h: number, usual: number): void {
    const { row, z, season, lags } = this;
    const target = origin + h;
    let n = 0;
    for (let i = 0; i < lags.length; i++) row[n++] = z.at(origin - lags[i]);
    row[n++] = this.means[0].at(origin);
    row[n++] = this.means[1].at(origin);
    row[n++] = this.deviations[0].at(origin);
    row[n++] = this.deviations[1].at(origin);
    const ago = target - season * Math.ceil(h / season);
    row[n++] = z.at(ago);
    let sum = 0;
    let count = 0;
    for (let o = -this.around; o <= this.around; o++) {
      if (ago + o > origin || ago + o < 0) continue;
      sum += z.at(ago + o);
      count++;
    }
    row[n++] = count > 0 ? sum / count : usual;
    row[n++] = usual;
    row[n++] = target - 7 * season >= 0 ? z.at(target - 7 * season) : usual;
    for (let hours = 1; hours <= 2; hours++) {
      const before = target - hours * this.hour;
      for (let o = -this.near; o <= this.near; o++) row[n++] = z.at(Math.min(before + o, origin));
    }
    row[n] = 1;
    this.baseValue = usual;
  }

  forecast(out: Float64Array): void {
    if (this.scale === 0) {
      out.fill(Number.NaN);
      return;
    }
    const origin = this.history.ticks - 1;
    const highest = Math.log1p(this.history.greatest() / this.scale) * 1.3 + 0.2;
    for (let k = 0; k < this.horizons.length; k++) {
      const usual = this.profile.at(origin + this.horizons[k]);
      if (!this.fitted[k] || Number.isNaN(usual)) {
        out[k] = Number.NaN;
        continue;
      }
      this.fill(origin, this.horizons[k], usual);
      const value = dot(this.row, this.coefficients[k]) + this.base(k);
      out[k] = Math.expm1(Math.min(highest, Math.max(0, value))) * this.scale;
    }
  }

  snapshot(): unknown {
    return {
      scale: this.scale,
      z: encode(this.z.data),
      means: this.means.map((ring) => encode(ring.data)),
      deviations: this.deviations.map((ring) => encode(ring.data)),
      profile: this.profile.snapshot(),
      equations: this.equations.map((e) => e.snapshot()),
      coefficients: this.coefficients.map(encode),
      error: encode(this.error),
      fitted: [...this.fitted],
    };
  }

  restore(state: unknown): void {
    const s = state as {
      scale: number;
      z: string;
      means: string[];
      deviations: string[];
      profile: unknown;
      equations: unknown[];
      coefficients: string[];
      error: string;
      fitted: number[];
    };
    this.scale = s.scale;
    decodeInto(this.z.data, s.z);
    this.means.forEach((ring, i) => {
      decodeInto(ring.data, s.means[i]);
    });
    this.deviations.forEach((ring, i) => {
      decodeInto(ring.data, s.deviations[i]);
    });
    this.profile.restore(s.profile);
    this.equations.forEach((e, k) => {
      e.restore(s.equations[k]);
    });
    this.coefficients.forEach((c, k) => {
      decodeInto(c, s.coefficients[k]);
    });
    decodeInto(this.error, s.error);
    this.fitted.set(s.fitted);
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
