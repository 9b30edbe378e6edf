import type { FleetHistory } from "./history.ts";
import type { FleetShape } from "./shape.ts";
import type { Tables } from "./tables.ts";

/**
 * By how much the last ticks of each series deviate from what was usual, on log(1 + x / scale): what regressions and the global
 * model learn from. The scale is the mean of the first season.
 */
export class FleetDeviations {
  /** Per column: what values are taken over before the logarithm; 0 before it is known. */
  readonly scale: Float32Array;
  /** Per column: the tick from which on deviations are kept. */
  readonly since: Float64Array;
  private readonly season: number;
  private readonly columns: number;
  private readonly history: FleetHistory;
  private readonly depth: number;
  private readonly ring: Float32Array;

  /** @param depth ticks that can be read, the newest included */
  constructor(shape: FleetShape, tables: Tables, history: FleetHistory, depth: number) {
    this.season = shape.season;
    this.columns = tables.columns;
    this.history = history;
    this.depth = depth;
    this.scale = tables.floats("scale", 1);
    this.since = tables.doubles("deviations since", 1);
    this.ring = tables.floats("deviations", depth);
  }

  /** Takes the tick that the history has just taken. @param usual what had been usual at it, before the profile took it in */
  step(tick: number, usual: Float64Array, lo: number, hi: number): void {
    const { history, scale, since, ring } = this;
    const row = this.row(tick);
    for (let i = lo; i < hi; i++) {
      if (!(scale[i] > 0)) {
        if ((tick - history.first[i] + 1) % this.season !== 0) continue;
        scale[i] = history.level[i];
        since[i] = tick;
        if (!(scale[i] > 0)) continue;
      }
      ring[row + i] = usual[i] >= 0 ? Math.log1p(history.filled[i] / scale[i]) - Math.log1p(usual[i] / scale[i]) : 0;
    }
  }

  /** Index of the first column's deviation of a tick, for `at`. */
  row(tick: number): number {
    return (tick % this.depth) * this.columns;
  }

  /** What stands at `row(tick) + column`: 0 where it is not known. */
  at(index: number): number {
    return this.ring[index];
  }
}
