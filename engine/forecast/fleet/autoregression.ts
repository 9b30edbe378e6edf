import { choleskySolve } from "../cholesky.ts";
import type { FleetDeviations } from "./deviations.ts";
import type { FleetHistory } from "./history.ts";
import { Issued } from "./issued.ts";
import { FleetRegressors } from "./regressors.ts";
import type { FleetSeries } from "./series.ts";
import { type FleetShape, slotOf } from "./shape.ts";
import type { Tables } from "./tables.ts";

/** Seasons after which an observation counts half: one model that follows, and one that keeps. */
export const HALF_LIVES = [0.5, 4] as const;
/** Penalty on coefficients, a share of the weight of what was seen. */
const RIDGE = 1e-5;
/** An error counts in full up to so many times the usual size, and beyond only in proportion to its root (Huber 1964). */
const ROBUST = 1.5;
/** What a new error counts for in the usual size. */
const GAIN = 0.005;

/**
 * The seasonal autoregressions of `SeasonalAr` for all series of a shard: a robust ridge regression, direct for each of a few anchors, on
 * recent lags and means, what came a season and a week ago, and what is usual. Regressors are read from the shard's history when they are
 * needed, and the normal equations are kept in single precision: what a series takes is two small triangles an anchor.
 */
export class FleetAutoregression {
  /** By half-life, the forecasts of the anchor last read. */
  readonly out: readonly Float64Array[];
  /** Indices of the shape's anchors that have a regression, and of those that are read between two that have. */
  private readonly anchors: readonly number[];
  private readonly between: readonly number[];
  private readonly shape: FleetShape;
  private readonly history: FleetHistory;
  private readonly deviations: FleetDeviations;
  private readonly regressors: FleetRegressors;
  /** Regressors, and numbers in a triangle of their products. */
  private readonly size: number;
  private readonly triangle: number;
  private readonly keeps: readonly number[];
  private readonly fitEvery: number;
  private readonly grams: Float32Array;
  private readonly moments: Float32Array;
  private readonly coefficients: Float32Array;
  private readonly weights: Float32Array;
  private readonly fitted: Float32Array;
  private readonly sizes: Float32Array;
  private readonly issued: readonly Issued[];
  /** By half-life and anchor, what is said of the tick that lies so far ahead. */
  private readonly points: readonly (readonly Float64Array[])[];
  private readonly gram: Float64Array;
  private readonly moment: Float64Array;

  constructor(shape: FleetShape, tables: Tables, parts: FleetSeries) {
    this.shape = shape;
    this.history = parts.history;
    this.deviations = parts.deviations;
    this.anchors = regressed(shape);
    this.between = betweenOf(this.anchors);
    const last = this.anchors[this.anchors.length - 1];
    this.regressors = new FleetRegressors(shape, tables, parts, shape.anchors[last]);
    this.size = this.regressors.size;
    this.triangle = (this.size * (this.size + 1)) / 2;
    this.keeps = HALF_LIVES.map((halfLife) => Math.exp(-Math.LN2 / (halfLife * shape.season)));
    this.fitEvery = Math.max(1, Math.round(shape.season / 48));
    const models = this.anchors.length * HALF_LIVES.length;
    this.grams = tables.blocks("grams", models * this.triangle);
    this.moments = tables.blocks("moments", models * this.size);
    this.coefficients = tables.blocks("coefficients", models * this.size);
    this.weights = tables.blocks("regression weights", models);
    this.fitted = tables.blocks("fitted", models);
    this.sizes = tables.blocks("usual errors", models);
    this.issued = HALF_LIVES.map((halfLife) => new Issued(shape, tables, this.history, `ar ${halfLife}`, last + 1));
    this.points = HALF_LIVES.map(() => shape.anchors.map(() => new Float64Array(tables.columns).fill(Number.NaN)));
    this.out = HALF_LIVES.map(() => new Float64Array(tables.columns));
    this.gram = new Float64Array(this.triangle);
    this.moment = new Float64Array(this.size);
  }

  /** The farthest ahead that a regression forecasts, in ticks. */
  static farthest(shape: FleetShape): number {
    return shape.anchors[Math.max(...regressed(shape))];
  }

  /** Whether anything is said at an anchor. */
  speaksAt(a: number): boolean {
    return this.anchors.includes(a) || this.between.includes(a);
  }

  /** What was said of `tick` at an anchor, into `out`. */
  due(tick: number, a: number, lo: number, hi: number): void {
    this.issued.forEach((issued, k) => {
      issued.due(tick, a, this.out[k], lo, hi);
    });
  }

  /** Learns what came in `tick`, whose deviation is known. @param usual what had been usual at it, before the profile took it in */
  learn(tick: number, usual: Float64Array, lo: number, hi: number): void {
    const { history, shape } = this;
    const { scale, since } = this.deviations;
    this.regressors.keep(tick, lo, hi);
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
        this.regressors.fill(i, origin, h, usual[i]);
        this.take(i, n, Math.log1p(value / scale[i]) - Math.log1p(usual[i] / scale[i]), shape.strides[a]);
      }
    }
    for (let i = lo; i < hi; i++) if (scale[i] > 0 && (tick + i) % this.fitEvery === 0) this.fit(i);
  }

  /** Adds the present row to the normal equations of both half-lives at an anchor. */
  private take(i: number, n: number, target: number, stride: number): void {
    const { size, triangle, grams, moments, weights, sizes } = this;
    const { row } = this.regressors;
    for (let k = 0; k < HALF_LIVES.length; k++) {
      const model = this.modelOf(i, n, k);
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
    const { size, coefficients } = this;
    const { row } = this.regressors;
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
        const model = this.modelOf(i, n, k);
        if (!(weights[model] > this.shape.season / 4 / this.shape.strides[this.anchors[n]])) continue;
        for (let g = 0; g < triangle; g++) gram[g] = this.grams[model * triangle + g];
        for (let p = 0; p < size; p++) moment[p] = this.moments[model * size + p];
        if (choleskySolve(gram, moment, size, RIDGE * weights[model], this.coefficients, model * size))
          this.fitted[model] = 1;
      }
  }

  /** Forecasts at all anchors, for `issue`; NaN where nothing is fitted. @param ahead what is usual at each anchor ahead of `tick` */
  predict(tick: number, ahead: readonly Float64Array[], lo: number, hi: number): void {
    this.anchors.forEach((a, n) => {
      for (let i = lo; i < hi; i++) this.predictAt(tick, i, a, n, ahead[a][i]);
    });
    for (const a of this.between) for (let i = lo; i < hi; i++) this.predictBetween(tick, i, a, ahead);
  }

  private predictAt(tick: number, i: number, a: number, n: number, usual: number): void {
    const first = this.modelOf(i, n, 0);
    const { fitted } = this;
    const ready = usual >= 0 && (fitted[first] > 0 || fitted[first + 1] > 0);
    if (ready) this.regressors.fill(i, tick, this.shape.anchors[a], usual);
    for (let k = 0; k < HALF_LIVES.length; k++)
      this.points[k][a][i] = ready && fitted[first + k] > 0 ? this.valueOf(i, usual, this.dot(first + k)) : Number.NaN;
  }

  /**
   * At an anchor between two that have a regression, the mean of two ways to read it: by coefficients between theirs, which know of its own season
   * and week before, and as the deviation from what is usual between theirs, which are fitted to their distances.
   */
  private predictBetween(tick: number, i: number, a: number, ahead: readonly Float64Array[]): void {
    const { anchors } = this.shape;
    const share = (anchors[a] - anchors[a - 1]) / (anchors[a + 1] - anchors[a - 1]);
    const n = this.anchors.indexOf(a - 1);
    const usual = ahead[a][i];
    let filled = false;
    for (let k = 0; k < HALF_LIVES.length; k++) {
      const [before, after] = [this.points[k][a - 1][i], this.points[k][a + 1][i]];
      let said = Number.NaN;
      if (usual >= 0 && !Number.isNaN(before + after)) {
        if (!filled) this.regressors.fill(i, tick, anchors[a], usual);
        filled = true;
        const [near, far] = [this.dot(this.modelOf(i, n, k)), this.dot(this.modelOf(i, n + 1, k))];
        const off = before - ahead[a - 1][i];
        const between = usual + off + share * (after - ahead[a + 1][i] - off);
        said = (this.valueOf(i, usual, near + share * (far - near)) + Math.max(0, between)) / 2;
      }
      this.points[k][a][i] = said;
    }
  }

  /** The value that deviates so much from what is usual, by logarithms; within what was seen. */
  private valueOf(i: number, usual: number, deviation: number): number {
    const scale = this.deviations.scale[i];
    const highest = 1.3 * Math.log1p(this.history.greatest[i] / scale) + 0.2;
    const value = Math.log1p(usual / scale) + deviation;
    return Math.expm1(value > 0 ? (value < highest ? value : highest) : 0) * scale;
  }

  private modelOf(i: number, n: number, k: number): number {
    return (i * this.anchors.length + n) * HALF_LIVES.length + k;
  }

  /** What was forecast at an anchor, into `out`; it waits for its target. */
  issue(tick: number, a: number, lo: number, hi: number): void {
    const { out, points, issued } = this;
    for (let k = 0; k < out.length; k++) {
      for (let i = lo; i < hi; i++) out[k][i] = points[k][a][i];
      // Beyond the last regression nothing is kept.
      if (this.speaksAt(a)) issued[k].keep(tick, a, out[k], lo, hi);
    }
  }
}

/**
 * Anchors with a regression, within an hour and at most four. Where there are more, the half of an hour is read between its neighbours, and
 * a tick ahead is left to the fast models, which are hard to beat there: each regression is a tenth of a series' memory.
 */
function regressed({ anchors, hour }: FleetShape): number[] {
  const within = anchors.map((_, a) => a).filter((a) => anchors[a] <= hour || a === 0);
  return within.length <= 4 ? within : within.slice(1).filter((a) => a !== within.length - 2);
}

/** Anchors between two neighbours that have a regression. */
function betweenOf(anchors: readonly number[]): number[] {
  return anchors.flatMap((a, n) => (n > 0 && anchors[n - 1] === a - 2 ? [a - 1] : []));
}
