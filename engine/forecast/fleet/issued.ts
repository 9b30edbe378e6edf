import { fromHalf, HALF_NAN, toHalf } from "./half.ts";
import type { FleetHistory } from "./history.ts";
import { type FleetShape, slotOf } from "./shape.ts";
import type { Tables } from "./tables.ts";

/**
 * What one model has said of ticks that are still to come, by anchor. Kept is by how much it differs from the value of the tick that it was said at, in 16
 * bits: to four thousandths of how far demand was said to move, which is far less than what a forecast is wrong by.
 */
export class Issued {
  private readonly shape: FleetShape;
  private readonly columns: number;
  private readonly history: FleetHistory;
  private readonly kept: Uint16Array;

  /** @param anchors how many of the shape's anchors, from the first on, the model speaks at */
  constructor(
    shape: FleetShape,
    tables: Tables,
    history: FleetHistory,
    name: string,
    anchors: number = shape.anchors.length,
  ) {
    this.shape = shape;
    this.columns = tables.columns;
    this.history = history;
    this.kept = tables.halves(`issued ${name}`, shape.offsets[anchors - 1] + shape.slots[anchors - 1], HALF_NAN);
  }

  /** Keeps what is said at `tick`, which the history has taken, of the tick an anchor ahead; nothing where that is not scored. */
  keep(tick: number, a: number, said: Float64Array, lo: number, hi: number): void {
    const slot = slotOf(this.shape, a, tick);
    if (slot < 0) return;
    const { kept, columns, history } = this;
    for (let i = lo; i < hi; i++) kept[slot * columns + i] = toHalf(said[i] - history.filled[i]);
  }

  /** What had been said of `tick`, into `out`; NaN where nothing was. */
  due(tick: number, a: number, out: Float64Array, lo: number, hi: number): void {
    const { kept, columns, history, shape } = this;
    const issued = tick - shape.anchors[a];
    const slot = slotOf(shape, a, issued) * columns;
    const then = history.row(issued + history.depth);
    for (let i = lo; i < hi; i++) out[i] = history.at(then + i) + fromHalf(kept[slot + i]);
  }
}
