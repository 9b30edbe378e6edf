import { choleskySolve } from "../cholesky.ts";
import type { FleetHistory } from "./history.ts";
import type { FleetProfile } from "./profile.ts";
import { type FleetShape, slotOf } from "./shape.ts";
import type { Tables } from "./tables.ts";

/** Seasons after which an observation counts half: one model that follows, and one that keeps. */
export const HALF_LIVES = [0.5, 4] as const;
/** Lags of the value in ticks; those shorter than an hour are used, and those below 12 in any case. */
const LAGS = [0, 1, 2, 3, 4, 6, 9, 14, 19, 29, 44, 59];
/** Penalty on coefficients, a share of the weight of what was seen. */
const RIDGE = 1e-5;
/** An error counts in full up to so many times the usual size, and beyond only in proportion to its root (Huber 1964). */
const ROBUST = 1.5;
/** What a new error counts for in the usual size. */
const GAIN = 0.005;
/** From so many ticks a season on, neighbours of a tick tell of it too. */
const FINE = 720;

/**
 * The seasonal autoregressions of `SeasonalAr` for all series of a shard: a robust ridge regression, direct for each of a few anchors, on
 * recent lags and means, what came a season and a week ago, and what is usual. Regressors are read from the shard's history when they are
 * needed, and the normal equations are kept in single precision: what a series takes is two small triangles an anchor.
 */
export class FleetAutoregression {
  /** Indices of the shape's anchors that have a regression. */
  readonly anchors: readonly number[];
  /** By half-life, the forecasts of the anchor last read. */
  readonly out: readonly Float64Array[];
  private readonly shape: FleetShape;
  private readonly columns: number;
  private readonly history: FleetHistory;
  private readonly profile: FleetProfile;
  private readonly lags: readonly number[];
  private readonly near: number;
  private readonly around: number;
  private readonly widths: readonly [number, number, number];
  /** Regressors, and numbers in a triangle of their products. */
  private readonly size: number;
  private readonly triangle: number;
  private readonly keeps: readonly number[];
  private readonly fitEvery: number;
  /** Per column: what values are taken over before the logarithm; 0 before it is known. */
  private readonly scale: Float32Array;
  private readonly grams: Float32Array;
  private readonly moments: Float32Array;
  private readonly coefficients: Float32Array;
  private readonly weights: Float32Array;
  private readonly fitted: Float32Array;
  private readonly sizes: Float32Array;
  private readonly issued: readonly Float32Array[];
  /** Ticks that deviations and means are kept. */
  private readonly depth: number;
  /** Of the logarithms: deviations from what is usual, their means over the three widths, and those of the values over the longer two. */
  private readonly deviations: Float32Array;
  private readonly means: readonly Float32Array[];
  private readonly valueMeans: readonly Float32Array[];
  /** Per column: the tick from which on these are kept. */
  private readonly since: Float64Array;
  private readonly row: Float64Array;
  private readonly gram: Float64Array;
  private readonly moment: Float64Array;

  constructor(shape: FleetShape, tables: Tables, history: FleetHistory, profile: FleetProfile) {
    this.shape = shape;
    this.columns = tables.columns;
    this.history = history;
    this.profile = profile;
    this.anchors = regressed(shape);
    const { hour, season } = shape;
    const fine = season >= FINE;
    this.lags = LAGS.filter((lag) => lag < Math.max(12, hour));
    this.near = fine ? 1 : 0;
    this.around = fine ? 2 : 1;
    this.widths = [fine ? 5 : 2, Math.max(4, Math.round(hour / 4)), Math.max(12, hour)];
    this.size = this.lags.length + 2 + 2 + 4 + 5 + 2 * (2 * this.near + 1) + 1;
    this.triangle = (this.size * (this.size + 1)) / 2;
    this.keeps = HALF_LIVES.map((halfLife) => Math.exp(-Math.LN2 / (halfLife * season)));
    this.fitEvery = Math.max(1, Math.round(season / 48));
    const models = this.anchors.length * HALF_LIVES.length;
    this.scale = tables.floats("scale", 1);
    this.grams = tables.blocks("grams", models * this.triangle);
    this.moments = tables.blocks("moments", models * this.size);
    this.coefficients = tables.blocks("coefficients", models * this.size);
    this.weights = tables.blocks("regression weights", models);
    this.fitted = tables.blocks("fitted", models);
    this.sizes = tables.blocks("usual errors", models);
    const last = this.anchors[this.anchors.length - 1];
    const waiting = shape.offsets[last] + shape.slots[last];
    this.issued = HALF_LIVES.map((halfLife) => tables.floats(`issued ar ${halfLife}`, waiting, Number.NaN));
    this.depth = shape.anchors[last] + 1;
    this.deviations = tables.floats("deviations", Math.max(this.depth, this.widths[2] + 1));
    this.means = this.widths.map((_, w) => tables.floats(`deviation means ${w}`, this.depth));
    this.valueMeans = [1, 2].map((w) => tables.floats(`value means ${w}`, this.depth));
    this.since = tables.doubles("regression since", 1);
    this.out = HALF_LIVES.map(() => new Float64Array(tables.columns));
    this.row = new Float64Array(this.size);
    this.gram = new Float64Array(this.triangle);
    this.moment = new Float64Array(this.size);
  }

  /** Ticks beyond a season that the history must reach back. */
  static reach(shape: FleetShape): number {
    return Math.max(12, shape.hour) + 8;
  }

  /** What was said of `tick` at an anchor, into `out`. */
  due(tick: number, n: number, lo: number, hi: number): void {
    const a = this.anchors[n];
    const slot = slotOf(this.shape, a, tick - this.shape.anchors[a]) * this.columns;
    this.issued.forEach((kept, k) => {
      for (let i = lo; i < hi; i++) this.out[k][i] = kept[slot + i];
    });
  }

  /** Learns what came in `tick`. @param usual what had been usual at it, before the profile took it in */
  learn(tick: number, usual: Float64Array, lo: number, hi: number): void {
    const { history, shape, scale, since } = this;
    for (let i = lo; i < hi; i++) {
      if (scale[i] > 0 || (tick - history.first[i] + 1) % shape.season !== 0) continue;
      scale[i] = history.level[i];
      since[i] = tick;
    }
    this.keep(tick, usual, lo, hi);
    for (let n = 0; n < this.anchors.length; n++) {
      const a = this.anchors[n];
      const h = shape.anchors[a];
      const origin = tick - h;
      if (slotOf(shape, a, origin) < 0 || origin < 0) continue;
      const at = history.row(origin + history.depth);
      for (let i = lo; i < hi; i++) {
        const value = history.current[i];
        if (!(scale[i] > 0) || origin < since[i] || !(usual[i] >= 0) || Number.isNaN(value)) continue;
        if (history.isGap(at + i)) continue;
        this.fill(i, origin, h, usual[i]);
        this.take(i, n, Math.log1p(value / scale[i]) - Math.log1p(usual[i] / scale[i]), shape.strides[a]);
      }
    }
    for (let i = lo; i < hi; i++) if (scale[i] > 0 && (tick + i) % this.fitEvery === 0) this.fit(i);
  }

  /** Keeps the deviation of a tick, and the means that end with it. */
  private keep(tick: number, usual: Float64Array, lo: number, hi: number): void {
    const { history, columns, scale, since, widths, deviations, means, valueMeans, depth } = this;
    const kept = deviations.length / columns;
    const now = (tick % depth) * columns;
    const before = ((tick + depth - 1) % depth) * columns;
    const here = (tick % kept) * columns;
    for (let i = lo; i < hi; i++) {
      if (!(scale[i] > 0)) continue;
      const z = Math.log1p(history.filled[i] / scale[i]);
      const deviation = usual[i] >= 0 ? z - Math.log1p(usual[i] / scale[i]) : 0;
      const count = tick - since[i] + 1;
      for (let w = 0; w < widths.length; w++) {
        const width = widths[w];
        const leaving = count > width ? deviations[((tick - width) % kept) * columns + i] : Number.NaN;
        means[w][now + i] = moved(means[w][before + i], deviation, leaving, Math.min(width, count));
        if (w === 0) continue;
        const old = count > width ? Math.log1p(history.at(history.row(tick - width) + i) / scale[i]) : Number.NaN;
        const values = valueMeans[w - 1];
        values[now + i] = moved(values[before + i], z, old, Math.min(width, count));
      }
      deviations[here + i] = deviation;
    }
  }

  /** Adds the present row to the normal equations of both half-lives at an anchor. */
  private take(i: number, n: number, target: number, stride: number): void {
    const { row, size, triangle, grams, moments, weights, sizes } = this;
    for (let k = 0; k < HALF_LIVES.length; k++) {
      const model = (i * this.anchors.length + n) * HALF_LIVES.length + k;
      let weight = 1;
      if (this.fitted[model] > 0) {
        const off = Math.abs(target - this.dot(model));
        sizes[model] = sizes[model] === 0 ? off : sizes[model] + GAIN * (off - sizes[model]);
        const usual = ROBUST * sizes[model];
        if (off > usual) weight = usual / off;
      }
      const keep = stride === 1 ? this.keeps[k] : Math.exp(stride * Math.log(this.keeps[k]));
      let g = model * triangle;
      const m = model * size;
      for (let p = 0; p < size; p++) {
        const left = weight * row[p];
        for (let q = 0; q <= p; q++, g++) grams[g] = keep * grams[g] + left * row[q];
        moments[m + p] = keep * moments[m + p] + left * target;
      }
      weights[model] = keep * weights[model] + weight;
    }
  }

  private dot(model: number): number {
    const { row, size, coefficients } = this;
    const at = model * size;
    let sum = 0;
    for (let p = 0; p < size; p++) sum += row[p] * coefficients[at + p];
    return sum;
  }

  /** Estimates the coefficients of a column again from its normal equations. */
  fit(i: number): void {
    const { size, triangle, gram, moment, weights } = this;
    for (let n = 0; n < this.anchors.length; n++)
      for (let k = 0; k < HALF_LIVES.length; k++) {
        const model = (i * this.anchors.length + n) * HALF_LIVES.length + k;
        if (!(weights[model] > this.shape.season / 4 / this.shape.strides[this.anchors[n]])) continue;
        for (let g = 0; g < triangle; g++) gram[g] = this.grams[model * triangle + g];
        for (let p = 0; p < size; p++) moment[p] = this.moments[model * size + p];
        if (choleskySolve(gram, moment, size, RIDGE * weights[model], this.coefficients, model * size))
          this.fitted[model] = 1;
      }
  }

  /** Forecasts of the tick an anchor ahead, into `out`, NaN where nothing is fitted; they wait for their target. @param usual at that tick */
  issue(tick: number, n: number, usual: Float64Array, lo: number, hi: number): void {
    const { history, shape, columns, scale } = this;
    const a = this.anchors[n];
    const h = shape.anchors[a];
    const slot = slotOf(shape, a, tick);
    for (let i = lo; i < hi; i++) {
      const first = (i * this.anchors.length + n) * HALF_LIVES.length;
      const ready = scale[i] > 0 && usual[i] >= 0 && (this.fitted[first] > 0 || this.fitted[first + 1] > 0);
      if (ready) this.fill(i, tick, h, usual[i]);
      const z = ready ? Math.log1p(usual[i] / scale[i]) : 0;
      const highest = ready ? 1.3 * Math.log1p(history.greatest[i] / scale[i]) + 0.2 : 0;
      for (let k = 0; k < HALF_LIVES.length; k++) {
        let said = Number.NaN;
        if (ready && this.fitted[first + k] > 0) {
          const value = z + this.dot(first + k);
          said = Math.expm1(value > 0 ? (value < highest ? value : highest) : 0) * scale[i];
        }
        this.out[k][i] = said;
        if (slot >= 0) this.issued[k][slot * columns + i] = said;
      }
    }
  }

  /** The regressors of the target `h` ahead of `origin`: nothing in them is later than the origin. */
  private fill(i: number, origin: number, h: number, usual: number): void {
    const { history, lags, row, shape, columns, means } = this;
    const { hour, season } = shape;
    const scale = this.scale[i];
    const target = origin + h;
    const first = history.first[i];
    const z = (tick: number) =>
      Math.log1p(history.at(history.row((tick > first ? tick : first) + history.depth) + i) / scale);
    const log = (value: number) => Math.log1p(value / scale);
    const zUsual = log(usual);
    let n = 0;
    for (let l = 0; l < lags.length; l++) row[n++] = z(origin - lags[l]);
    row[n++] = z(origin - 2 * hour);
    row[n++] = z(origin - 3 * hour);
    const at = (origin % this.depth) * columns + i;
    row[n++] = this.valueMeans[0][at];
    row[n++] = this.valueMeans[1][at];
    row[n++] = this.deviations[(origin % (this.deviations.length / columns)) * columns + i];
    for (let w = 0; w < means.length; w++) row[n++] = means[w][at];
    const before = target - season;
    row[n++] = z(before);
    let sum = 0;
    for (let o = -this.around; o <= this.around; o++) sum += z(Math.min(before + o, origin));
    row[n++] = sum / (2 * this.around + 1);
    row[n++] = zUsual;
    const week = this.profile.weekAt(target, i);
    row[n++] = week >= 0 ? log(week) : zUsual;
    row[n++] = z(origin - season);
    for (let hours = 1; hours <= 2; hours++) {
      // The last time before the origin that is a whole number of hours before the target.
      const earlier = target - hour * Math.max(hours, Math.ceil(h / hour) + hours - 1);
      for (let o = -this.near; o <= this.near; o++) row[n++] = z(Math.min(earlier + o, origin));
    }
    row[n] = 1;
  }
}

/** A mean of `count` numbers after one has come and the oldest, NaN where none did, has left. */
function moved(mean: number, coming: number, leaving: number, count: number): number {
  return Number.isNaN(leaving) ? mean + (coming - mean) / count : mean + (coming - leaving) / count;
}

/**
 * Anchors with a regression, within an hour and at most four. Where there are more, the half of an hour is read between its neighbours, and
 * a tick ahead is left to the fast models, which are hard to beat there: each regression is a tenth of a series' memory.
 */
function regressed({ anchors, hour }: FleetShape): number[] {
  const within = anchors.map((_, a) => a).filter((a) => anchors[a] <= hour || a === 0);
  return within.length <= 4 ? within : within.slice(1).filter((a) => a !== within.length - 2);
}
