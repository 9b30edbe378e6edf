import { FleetCalibration } from "./calibration.ts";
import type { FleetHistory } from "./history.ts";
import type { FleetShape } from "./shape.ts";
import type { Tables } from "./tables.ts";

/** Seasons over which the constant is taken. */
const WINDOW = 2;
/** A quantile moves at most so many spreads at once. */
const MOST_STEP = 2;

/**
 * The two bars that forecasts must clear, as losses of the present tick: seasonal naive with calibrated quantiles of its own, and a
 * constant, the quantiles of what came in the last seasons. Both knew all but the tick itself, whatever anchor they are compared with.
 */
export class FleetBars {
  /** Pinball losses of this tick over all levels, by column; NaN where there is none. */
  readonly seasonal: Float64Array;
  readonly constant: Float64Array;
  private readonly shape: FleetShape;
  private readonly columns: number;
  private readonly history: FleetHistory;
  private readonly calibration: FleetCalibration;
  private readonly spread: Float32Array;
  private readonly quantiles: Float32Array;
  private readonly point: Float64Array;

  constructor(shape: FleetShape, tables: Tables, history: FleetHistory) {
    this.shape = shape;
    this.columns = tables.columns;
    this.history = history;
    this.calibration = new FleetCalibration(shape, tables, "seasonal bar", [0]);
    this.spread = tables.floats("spread", 1);
    this.quantiles = tables.floats("constant quantiles", shape.levels.length);
    this.seasonal = new Float64Array(tables.columns).fill(Number.NaN);
    this.constant = new Float64Array(tables.columns).fill(Number.NaN);
    this.point = new Float64Array(tables.columns);
  }

  /** Begins a column anew. */
  begin(column: number): void {
    this.calibration.begin(column);
  }

  /** Scores the bars on the present tick, learns from it and issues for the next. */
  step(tick: number, lo: number, hi: number): void {
    const { history, calibration, shape, point } = this;
    calibration.due(tick, 0, history.current, lo, hi);
    pinballs(shape.levels, calibration, 0, this.columns, this.seasonal, lo, hi);
    calibration.learn(0, lo, hi);
    calibration.close(tick, history.first, lo, hi);
    this.stepConstant(lo, hi);
    const before = history.row(tick + 1 - shape.season + history.depth);
    for (let i = lo; i < hi; i++)
      point[i] =
        tick + 1 - shape.season >= history.first[i] && !history.isGap(before + i) ? history.at(before + i) : Number.NaN;
    calibration.issue(tick, 0, point, history.level, lo, hi);
  }

  /** The quantiles approach those of the last seasons as fast as a running estimate can (Robbins and Monro 1951). */
  private stepConstant(lo: number, hi: number): void {
    const { columns, quantiles, spread, constant } = this;
    const { current, measured, level } = this.history;
    const { levels, season } = this.shape;
    for (let i = lo; i < hi; i++) {
      const value = current[i];
      if (Number.isNaN(value)) {
        constant[i] = Number.NaN;
        continue;
      }
      const count = Math.min(measured[i], WINDOW * season);
      spread[i] += (Math.abs(value - level[i]) - spread[i]) / count;
      let loss = 0;
      for (let l = 0, at = i; l < levels.length; l++, at += columns) {
        const quantile = measured[i] <= 1 ? value : quantiles[at];
        const off = value - quantile;
        loss += off > 0 ? levels[l] * off : (levels[l] - 1) * off;
        const move = 1 / (Math.min(levels[l], 1 - levels[l]) * (count + 20));
        const step = spread[i] * (move < MOST_STEP ? move : MOST_STEP);
        quantiles[at] = quantile + step * (off > 0 ? levels[l] : levels[l] - 1);
      }
      constant[i] = measured[i] > season ? loss : Number.NaN;
    }
  }
}

/** Sum over the levels of the pinball loss of what a calibration last read as due at its n-th anchor; NaN where nothing was due. */
export function pinballs(
  levels: readonly number[],
  { error, issuedScale, quantiles }: FleetCalibration,
  n: number,
  columns: number,
  out: Float64Array,
  lo: number,
  hi: number,
): void {
  const first = n * levels.length * columns;
  for (let i = lo; i < hi; i++) {
    const off = error[i];
    const scale = issuedScale[i];
    let loss = 0;
    for (let l = 0, at = first + i; l < levels.length; l++, at += columns) {
      const beyond = off - scale * quantiles[at];
      loss += beyond > 0 ? levels[l] * beyond : (levels[l] - 1) * beyond;
    }
    out[i] = loss;
  }
}
