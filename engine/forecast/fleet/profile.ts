import { fromHalf, HALF_NAN, toHalf } from "./half.ts";
import type { FleetHistory } from "./history.ts";
import type { FleetShape } from "./shape.ts";
import type { Tables } from "./tables.ts";

/** What a season counts for beside the next one. */
const MEMORY = 0.8;
/** What a new error of the two profiles counts for. */
const GAIN = 0.02;
/** From so many ticks a season on, neighbours of a tick tell of it too, and a tick of the week before is known by its bucket alone. */
export const FINE = 720;

/** Two rows of a profile and the share of the second, for one tick: the same for all series. */
interface Between {
  readonly low: number;
  readonly high: number;
  readonly share: number;
}

/**
 * What is usual at each phase of the season, a mean over past seasons and a few neighbours; and how the weekday differs, from what came in
 * the same quarter of an hour a week ago. How much the week counts is told, series by series, by how well day and week foretold the
 * buckets so far.
 */
export class FleetProfile {
  private readonly shape: FleetShape;
  private readonly columns: number;
  private readonly history: FleetHistory;
  /** By phase, by bucket of the season, by bucket of the week. */
  private readonly fine: Uint16Array;
  private readonly daily: Float32Array;
  private readonly weekly: Uint16Array;
  /** By tick of the week, where there are few of them. */
  private readonly exact: Uint16Array | undefined;
  private readonly sum: Float32Array;
  private readonly count: Float32Array;
  private readonly dailyError: Float32Array;
  private readonly weeklyError: Float32Array;
  /** Per column: the share of the week in the mix. */
  private readonly share: Float32Array;
  /** Neighbours on both sides that a phase is smoothed with. */
  private readonly smooth: number;
  private readonly scratch: Float64Array;

  constructor(shape: FleetShape, tables: Tables, history: FleetHistory) {
    this.shape = shape;
    this.columns = tables.columns;
    this.history = history;
    this.scratch = new Float64Array(tables.columns);
    this.smooth = shape.season >= FINE ? 2 : 0;
    this.fine = tables.halves("phases", shape.phases, HALF_NAN);
    this.daily = tables.floats("daily", shape.buckets, Number.NaN);
    this.weekly = tables.halves("weekly", 7 * shape.buckets, HALF_NAN);
    if (shape.season < FINE) this.exact = tables.halves("last week", 7 * shape.season, HALF_NAN);
    this.sum = tables.floats("bucket sum", 1);
    this.count = tables.floats("bucket count", 1);
    this.dailyError = tables.floats("daily error", 1);
    this.weeklyError = tables.floats("weekly error", 1);
    this.share = tables.floats("weekly share", 1);
  }

  /** What is usual at a tick's phase of the season alone, by column; NaN where it is not known. */
  readPhase(tick: number, out: Float64Array, lo: number, hi: number): void {
    const phase = (Math.floor(tick / this.shape.phase) % this.shape.phases) * this.columns;
    for (let i = lo; i < hi; i++) out[i] = fromHalf(this.fine[phase + i]);
  }

  /** What is usual at a tick, its weekday among it, by column; NaN where it is not known. */
  read(tick: number, out: Float64Array, lo: number, hi: number): void {
    const { fine, daily, weekly, share } = this;
    const phase = (Math.floor(tick / this.shape.phase) % this.shape.phases) * this.columns;
    const day = this.between(tick, this.shape.buckets);
    const week = this.between(tick, 7 * this.shape.buckets);
    for (let i = lo; i < hi; i++) {
      let usual = fromHalf(fine[phase + i]);
      if (share[i] > 0) {
        const ofWeek = mix(fromHalf(weekly[week.low + i]), fromHalf(weekly[week.high + i]), week.share);
        const off = share[i] * (ofWeek - mix(daily[day.low + i], daily[day.high + i], day.share));
        if (!Number.isNaN(off)) usual = usual + off > 0 ? usual + off : 0;
      }
      out[i] = usual;
    }
  }

  /** What is usual at a tick for one column. */
  at(tick: number, column: number): number {
    this.read(tick, this.scratch, column, column + 1);
    return this.scratch[column];
  }

  /** What came at the same time of the week before; NaN where that is not known. @param tick one that lies ahead */
  weekAt(tick: number, column: number): number {
    if (this.exact !== undefined) return fromHalf(this.exact[(tick % (7 * this.shape.season)) * this.columns + column]);
    const week = this.between(tick, 7 * this.shape.buckets);
    return mix(fromHalf(this.weekly[week.low + column]), fromHalf(this.weekly[week.high + column]), week.share);
  }

  /** Takes what came in a tick: a phase is learnt when its neighbours are known, a bucket when it is over. */
  step(tick: number, lo: number, hi: number): void {
    const { sum, count, exact } = this;
    const { current, filled } = this.history;
    const row = (tick % (7 * this.shape.season)) * this.columns;
    for (let i = lo; i < hi; i++) {
      const value = current[i];
      if (exact !== undefined) exact[row + i] = toHalf(filled[i]);
      if (Number.isNaN(value)) continue;
      sum[i] += value;
      count[i]++;
    }
    this.learnPhase(tick, lo, hi);
    if ((tick + 1) % this.shape.bucket === 0) this.close(tick, lo, hi);
  }

  private learnPhase(tick: number, lo: number, hi: number): void {
    const { history, fine, smooth } = this;
    const { phase, phases, season } = this.shape;
    const width = phase + 2 * smooth;
    const centre = tick - smooth;
    if (centre < 0 || (centre + 1) % phase !== 0) return;
    const rows = Array.from({ length: width }, (_, n) => history.row(tick - n + history.depth));
    const at = (Math.floor(centre / phase) % phases) * this.columns;
    for (let i = lo; i < hi; i++) {
      if (tick - width + 1 < history.first[i]) continue;
      let total = 0;
      let known = 0;
      for (let n = 0; n < width; n++) {
        if (history.isGap(rows[n] + i)) continue;
        total += history.at(rows[n] + i);
        known++;
      }
      if (known === 0) continue;
      const before = fromHalf(fine[at + i]);
      const seen = Math.floor((tick - history.first[i]) / season) + 1;
      const mean = total / known;
      fine[at + i] = toHalf(before >= 0 ? before + Math.max(1 - MEMORY, 1 / seen) * (mean - before) : mean);
    }
  }

  private close(tick: number, lo: number, hi: number): void {
    const { daily, weekly, sum, count, dailyError, weeklyError, share } = this;
    const { first } = this.history;
    const { bucket, buckets, season } = this.shape;
    const at = Math.floor(tick / bucket);
    const day = (at % buckets) * this.columns;
    const week = (at % (7 * buckets)) * this.columns;
    for (let i = lo; i < hi; i++) {
      if (count[i] > 0) {
        const mean = sum[i] / count[i];
        const before = daily[day + i];
        const ofWeek = fromHalf(weekly[week + i]);
        if (ofWeek >= 0 && before >= 0) {
          dailyError[i] += GAIN * (Math.abs(mean - before) - dailyError[i]);
          weeklyError[i] += GAIN * (Math.abs(mean - ofWeek) - weeklyError[i]);
          share[i] = fourth(dailyError[i], weeklyError[i]);
        }
        const seen = Math.floor((tick - first[i]) / season) + 1;
        daily[day + i] = before >= 0 ? before + Math.max(1 - MEMORY, 1 / seen) * (mean - before) : mean;
        weekly[week + i] = toHalf(mean);
      }
      sum[i] = 0;
      count[i] = 0;
    }
  }

  private between(tick: number, rows: number): Between {
    const { bucket } = this.shape;
    const position = (tick + 0.5) / bucket - 0.5 + rows;
    const low = Math.floor(position);
    return {
      low: (low % rows) * this.columns,
      high: ((low + 1) % rows) * this.columns,
      share: position - low,
    };
  }
}

/** Between two numbers of which one may not be known. */
function mix(low: number, high: number, share: number): number {
  if (Number.isNaN(low)) return high;
  return Number.isNaN(high) ? low : low + share * (high - low);
}

/** The share of the second, by the inverse fourth power of the errors. */
function fourth(a: number, b: number): number {
  const [x, y] = [a * a * a * a, b * b * b * b];
  return x + y > 0 ? x / (x + y) : 0;
}
