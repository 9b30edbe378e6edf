import { fromHalf, HALF_NAN, toHalf } from "./half.ts";
import { type FleetShape, slotOf } from "./shape.ts";
import type { Tables } from "./tables.ts";

/** Part of the season after which a recent |error| counts half, and ticks at least; seasons for the typical one. */
const RECENT = { season: 1 / 16, ticks: 30 };
const TYPICAL = 2;
/** Share of the phase of the day in the scale. */
const MIX = 0.5;
/** What a season counts for beside the next in the profile of |error|. */
const MEMORY = 0.85;
/** One error counts as at most so many times the expected. */
const MOST_SCORE = 20;
/** A scale of less than this share of the recent error rested on zeros alone. */
const GROUNDLESS = 1e-6;
/** Least scale, as a share of the mean value. */
const LEAST = 0.02;
/** How far a quantile moves at a miss, in scales, once it has settled: about a quarter of a scale of wandering. */
const STEP = 0.125;

/**
 * Quantiles of the error of one forecast, at each anchor, that adapt one by one: a quantile that is exceeded moves up by its level times a
 * step, one that is not moves down by the rest, so that what is covered in the long run is what is claimed whatever comes (Gibbs and Candès
 * 2021; Angelopoulos, Candès and Tibshirani 2023, "Conformal PID control", quantile tracking). Errors are taken over an expected size that mixes
 * the recent mean of |error| with what is usual at the phase of the season. Growing and shrinking have quantiles of their own: those above the
 * middle and those below it.
 */
export class FleetCalibration {
  /** By anchor: the forecast that stands, and the scale of its quantiles. */
  readonly point: Float32Array;
  readonly scale: Float32Array;
  /** By anchor and level: the quantile of error over scale. */
  readonly quantiles: Float32Array;
  /** Of the anchor last scored, by column: the error and the scale it was issued with; NaN where nothing was scored. */
  readonly error: Float64Array;
  readonly issuedScale: Float64Array;
  private readonly shape: FleetShape;
  private readonly columns: number;
  private readonly anchors: readonly number[];
  private readonly issuedPoint: Float32Array;
  private readonly issuedScales: Uint16Array;
  private readonly recent: Float32Array;
  private readonly typical: Float32Array;
  private readonly scored: Float32Array;
  private readonly phases: Float32Array;
  private readonly phaseSum: Float32Array;
  private readonly phaseCount: Float32Array;
  private readonly steps: readonly number[];

  /** @param anchors indices of the shape's anchors that are calibrated */
  constructor(shape: FleetShape, tables: Tables, name: string, anchors = shape.anchors.map((_, a) => a)) {
    this.shape = shape;
    this.columns = tables.columns;
    this.anchors = anchors;
    const count = anchors.length;
    this.point = tables.floats(`${name} point`, count, Number.NaN);
    this.scale = tables.floats(`${name} scale`, count, Number.NaN);
    const waiting = Math.max(...anchors.map((a) => shape.offsets[a] + shape.slots[a]));
    this.issuedPoint = tables.floats(`${name} issued points`, waiting, Number.NaN);
    this.issuedScales = tables.halves(`${name} issued scales`, waiting, HALF_NAN);
    this.recent = tables.floats(`${name} recent error`, count);
    this.typical = tables.floats(`${name} typical error`, count);
    this.scored = tables.floats(`${name} scored`, count);
    this.phases = tables.floats(`${name} phases`, shape.buckets, Number.NaN);
    this.phaseSum = tables.floats(`${name} phase sum`, 1);
    this.phaseCount = tables.floats(`${name} phase count`, 1);
    this.quantiles = tables.floats(`${name} quantiles`, count * shape.levels.length, Number.NaN);
    this.steps = shape.levels.map((level) => step(level));
    this.error = new Float64Array(tables.columns);
    this.issuedScale = new Float64Array(tables.columns);
    for (let i = 0; i < tables.columns; i++) if (Number.isNaN(this.quantiles[i])) this.begin(i);
  }

  /** Before there is an error: the quantiles of a Laplace distribution. */
  begin(column: number): void {
    const { columns, quantiles, shape } = this;
    const { levels } = shape;
    for (let at = column, row = 0; at < quantiles.length; at += columns, row++) {
      const level = levels[row % levels.length];
      quantiles[at] = level < 0.5 ? Math.log(2 * level) : -Math.log(2 * (1 - level));
    }
  }

  /** Reads what was issued for `tick` at the n-th calibrated anchor and what came of it, into `error` and `issuedScale`. */
  due(tick: number, n: number, current: Float64Array, lo: number, hi: number): void {
    const a = this.anchors[n];
    const slot = slotOf(this.shape, a, tick - this.shape.anchors[a]) * this.columns;
    for (let i = lo; i < hi; i++) {
      this.error[i] = current[i] - this.issuedPoint[slot + i];
      this.issuedScale[i] = fromHalf(this.issuedScales[slot + i]);
    }
  }

  /** Learns from what `due` has read. */
  learn(n: number, lo: number, hi: number): void {
    const { columns, shape, recent, typical, scored, quantiles, steps, phaseSum, phaseCount, error, issuedScale } =
      this;
    const { levels, season } = shape;
    const stride = shape.strides[this.anchors[n]];
    const recently = gain(Math.max(RECENT.ticks, RECENT.season * season) / stride);
    const typically = gain((TYPICAL * season) / stride);
    const row = n * columns;
    for (let i = lo; i < hi; i++) {
      const off = error[i];
      if (Number.isNaN(off)) continue;
      const size = Math.abs(off);
      const scale = issuedScale[i];
      const grounded = size === 0 || (recent[row + i] > 0 && scale > GROUNDLESS * recent[row + i]);
      const taken = grounded ? Math.min(size, MOST_SCORE * scale) : size;
      const count = ++scored[row + i];
      recent[row + i] += Math.max(recently, 1 / count) * (taken - recent[row + i]);
      typical[row + i] += Math.max(typically, 1 / count) * (taken - typical[row + i]);
      if (typical[row + i] > 0) {
        phaseSum[i] += taken / typical[row + i];
        phaseCount[i]++;
      }
      if (!grounded) continue;
      const score = off / scale;
      // Large steps first: the k-th best step is in inverse proportion to k (Robbins and Monro 1951).
      const eager = Math.max(1, Math.min(8, 50 / count));
      for (let l = 0, at = n * levels.length * columns + i; l < levels.length; l++, at += columns) {
        const quantile = quantiles[at];
        quantiles[at] = quantile + steps[l] * eager * (score > quantile ? levels[l] : levels[l] - 1);
      }
    }
  }

  /** At the end of a bucket the profile of |error| takes it. */
  close(tick: number, first: Float64Array, lo: number, hi: number): void {
    const { bucket, buckets, season } = this.shape;
    if ((tick + 1) % bucket !== 0) return;
    const { phases, phaseSum, phaseCount } = this;
    const at = (Math.floor(tick / bucket) % buckets) * this.columns;
    for (let i = lo; i < hi; i++) {
      if (phaseCount[i] > 0) {
        const mean = phaseSum[i] / phaseCount[i];
        const before = phases[at + i];
        const seen = Math.floor((tick - first[i]) / season) + 1;
        phases[at + i] = before >= 0 ? before + Math.max(1 - MEMORY, 1 / seen) * (mean - before) : mean;
      }
      phaseSum[i] = 0;
      phaseCount[i] = 0;
    }
  }

  /** Issues a forecast at the n-th calibrated anchor: it stands until the next, and waits for its target. */
  issue(tick: number, n: number, point: Float64Array, level: Float32Array, lo: number, hi: number): void {
    const { columns, shape, phases } = this;
    const a = this.anchors[n];
    const { bucket, buckets } = shape;
    const target = Math.floor((tick + shape.anchors[a]) / bucket);
    const here = (target % buckets) * columns;
    const before = ((target + buckets - 1) % buckets) * columns;
    const after = ((target + 1) % buckets) * columns;
    const row = n * columns;
    const slot = slotOf(shape, a, tick);
    const keep = slot >= 0;
    const at = slot * columns;
    for (let i = lo; i < hi; i++) {
      const phase = (phases[before + i] + 2 * phases[here + i] + phases[after + i]) / 4;
      const usual = phase >= 0 ? phase * this.typical[row + i] : this.recent[row + i];
      const size = (1 - MIX) * this.recent[row + i] + MIX * usual;
      const least = LEAST * level[i] + 1e-12;
      this.point[row + i] = point[i];
      this.scale[row + i] = size > least ? size : least;
      if (keep) {
        this.issuedPoint[at + i] = point[i];
        this.issuedScales[at + i] = toHalf(this.scale[row + i]);
      }
    }
  }
}

/** The step of a level. Near the middle it is smaller, since many scores lie there. */
function step(level: number): number {
  const beyond = Math.min(level, 1 - level);
  return beyond > 0.2 ? STEP / 4 : STEP;
}

function gain(halfLife: number): number {
  return 1 - Math.exp(-Math.LN2 / Math.max(1, halfLife));
}
