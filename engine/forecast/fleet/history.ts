import { LEAP } from "../admission.ts";
import type { FleetShape } from "./shape.ts";
import type { Tables } from "./tables.ts";

/** Beyond this a measurement is taken for garbage; its square still is a single-precision number. */
const ABSURD = 1e18;
/** Seasons after which the greatest counts half. */
const FORGET = 7;
/** Stands for a gap that is filled with zero. */
const TINY = 1e-37;

/**
 * The last season of values by tick, with gaps filled, and for the week before it the means of buckets. A filled gap is kept with its
 * sign turned: values are never negative.
 */
export class FleetHistory {
  /** Ticks that can be read, the newest included. */
  readonly depth: number;
  /** What was admitted this tick, NaN for a gap, and what stands for it. By column; not kept. */
  readonly current: Float64Array;
  readonly filled: Float64Array;
  /** Per column: the first tick, ticks measured, the greatest value of late, the mean over about a season. */
  readonly first: Float64Array;
  readonly measured: Float64Array;
  readonly greatest: Float32Array;
  readonly level: Float32Array;
  /** Ticks of the last hour that were gaps. */
  readonly missing: Float32Array;
  private readonly ring: Float32Array;
  private readonly columns: number;
  private readonly season: number;
  private readonly hour: number;
  private readonly forget: number;

  /** @param reach ticks that must be readable beyond a season */
  constructor(shape: FleetShape, tables: Tables, reach: number) {
    this.columns = tables.columns;
    this.season = shape.season;
    this.hour = shape.hour;
    this.depth = shape.season + reach + 1;
    this.forget = Math.exp(-Math.LN2 / (FORGET * shape.season));
    this.ring = tables.floats("ring", this.depth);
    this.first = tables.doubles("first", 1, -1);
    this.measured = tables.doubles("measured", 1);
    this.greatest = tables.floats("greatest", 1);
    this.level = tables.floats("level", 1);
    this.missing = tables.floats("missing", 1);
    this.current = new Float64Array(tables.columns);
    this.filled = new Float64Array(tables.columns);
  }

  /** Takes the values of a tick, that of column `lo` first. `usual` is what fills a gap. */
  step(tick: number, values: Float64Array, usual: Float64Array, lo: number, hi: number): void {
    const { current, filled, first, measured, greatest, level, missing, ring, season, hour, forget } = this;
    const row = this.row(tick);
    const before = this.row(tick - 1 + this.depth);
    const leaving = hour < tick ? this.row(tick - hour) : row;
    for (let i = lo; i < hi; i++) {
      if (first[i] < 0) first[i] = tick;
      let value = values[i - lo];
      const most = LEAP * greatest[i];
      if (!(value >= 0 && value < ABSURD)) value = Number.NaN;
      else if (most > 0 && value > most) value = most;
      current[i] = value;
      greatest[i] *= forget;
      if (tick - first[i] >= hour && this.gapIn(ring[leaving + i])) missing[i]--;
      if (Number.isNaN(value)) {
        missing[i]++;
        const u = usual[i];
        const stand = u >= 0 ? u : tick > first[i] ? Math.abs(ring[before + i]) : 0;
        filled[i] = stand;
        ring[row + i] = -Math.max(stand, TINY);
      } else {
        measured[i]++;
        filled[i] = value;
        ring[row + i] = value;
        if (value > greatest[i]) greatest[i] = value;
        level[i] += (value - level[i]) / Math.min(measured[i], season);
      }
    }
  }

  /** Index of the first column's value of a tick within the last `depth`. */
  row(tick: number): number {
    return (tick % this.depth) * this.columns;
  }

  /** What stands at `row(tick) + column`: the value, or what fills its gap. */
  at(index: number): number {
    return Math.abs(this.ring[index]);
  }

  isGap(index: number): boolean {
    return this.gapIn(this.ring[index]);
  }

  private gapIn(kept: number): boolean {
    return kept < 0;
  }
}
