import type { FleetDeviations } from "./deviations.ts";
import type { FleetHistory } from "./history.ts";
import { FINE, type FleetProfile } from "./profile.ts";
import type { FleetSeries } from "./series.ts";
import type { FleetShape } from "./shape.ts";
import type { Tables } from "./tables.ts";

/** Lags of the value in ticks; those shorter than an hour are used, and those below 12 in any case. */
const LAGS = [0, 1, 2, 3, 4, 6, 9, 14, 19, 29, 44, 59];

/**
 * The regressors of the fleet's autoregressions, as `SeasonalArFeatures` has them for one series. They are read from the shard's history when they are
 * needed; only means are kept.
 */
export class FleetRegressors {
  /** Regressors, the constant among them. */
  readonly size: number;
  /** Those last asked for. */
  readonly row: Float64Array;
  private readonly shape: FleetShape;
  private readonly columns: number;
  private readonly history: FleetHistory;
  private readonly profile: FleetProfile;
  private readonly deviations: FleetDeviations;
  private readonly lags: readonly number[];
  private readonly near: number;
  private readonly around: number;
  private readonly widths: readonly [number, number, number];
  /** Ticks that means are kept. */
  private readonly depth: number;
  /** Of the logarithms: means of the deviations over the three widths, and of the values over the longer two. */
  private readonly means: readonly Float32Array[];
  private readonly valueMeans: readonly Float32Array[];

  /** @param farthest ticks ahead of an origin that a target lies at most */
  constructor(shape: FleetShape, tables: Tables, parts: FleetSeries, farthest: number) {
    this.shape = shape;
    this.columns = tables.columns;
    this.history = parts.history;
    this.profile = parts.profile;
    this.deviations = parts.deviations;
    const { hour, season } = shape;
    const fine = season >= FINE;
    this.lags = LAGS.filter((lag) => lag < Math.max(12, hour));
    this.near = fine ? 1 : 0;
    this.around = fine ? 2 : 1;
    this.widths = [fine ? 5 : 2, Math.max(4, Math.round(hour / 4)), longest(shape)];
    this.size = this.lags.length + 2 + 2 + 4 + 5 + 2 * (2 * this.near + 1) + 1;
    this.row = new Float64Array(this.size);
    this.depth = farthest + 1;
    this.means = this.widths.map((_, w) => tables.floats(`deviation means ${w}`, this.depth));
    this.valueMeans = [1, 2].map((w) => tables.floats(`value means ${w}`, this.depth));
  }

  /** Ticks beyond a season that the history must reach back. */
  static reach(shape: FleetShape): number {
    return longest(shape) + 8;
  }

  /** Ticks that deviations have to be kept. @param farthest as of the constructor */
  static deviationsKept(shape: FleetShape, farthest: number): number {
    return Math.max(farthest, longest(shape)) + 1;
  }

  /** Keeps the means that end with a tick. */
  keep(tick: number, lo: number, hi: number): void {
    const { history, columns, widths, deviations, means, valueMeans, depth } = this;
    const { scale, since } = deviations;
    const now = (tick % depth) * columns;
    const before = ((tick + depth - 1) % depth) * columns;
    const here = deviations.row(tick);
    const left = widths.map((width) => deviations.row(Math.max(0, tick - width)));
    for (let i = lo; i < hi; i++) {
      if (!(scale[i] > 0)) continue;
      const z = Math.log1p(history.filled[i] / scale[i]);
      const deviation = deviations.at(here + i);
      const count = tick - since[i] + 1;
      for (let w = 0; w < widths.length; w++) {
        const width = widths[w];
        const leaving = count > width ? deviations.at(left[w] + i) : Number.NaN;
        means[w][now + i] = moved(means[w][before + i], deviation, leaving, Math.min(width, count));
        if (w === 0) continue;
        const old = count > width ? Math.log1p(history.at(history.row(tick - width) + i) / scale[i]) : Number.NaN;
        const values = valueMeans[w - 1];
        values[now + i] = moved(values[before + i], z, old, Math.min(width, count));
      }
    }
  }

  /** The regressors of the target `h` ahead of `origin`: nothing in them is later than the origin. */
  fill(i: number, origin: number, h: number, usual: number): void {
    const { history, lags, row, shape, columns, means } = this;
    const { hour, season } = shape;
    const scale = this.deviations.scale[i];
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
    row[n++] = this.deviations.at(this.deviations.row(origin) + i);
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

/** Ticks that the longest mean is taken over. */
function longest({ hour }: FleetShape): number {
  return Math.max(12, hour);
}
