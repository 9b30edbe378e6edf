import type { PlannedEvent } from "../../../model/planned-event.ts";
import { columnsOf, layOut, type ProphetLayout, rowAt, type TimeGrid } from "./prophet-layout.ts";

/** What an estimate needs to know of one series over a design, whatever its length. */
export interface Moments {
  readonly size: number;
  /** Lower triangle of XᵀX, packed by rows. */
  readonly gram: Float64Array;
  /** Xᵀy. */
  readonly moment: Float64Array;
  /** yᵀy. */
  readonly square: number;
  /** Values that were measured. */
  readonly count: number;
}

/**
 * The regression's matrix over a grid and its Gram matrix. They depend on the grid and the calendar alone, so that all series of a
 * grid share them: a series adds one product with its values, and takes its gaps out.
 */
export class ProphetDesign {
  readonly layout: ProphetLayout;
  readonly size: number;
  readonly length: number;
  private readonly rows: Float64Array;
  private readonly gram: Float64Array;

  constructor(grid: TimeGrid, events: readonly PlannedEvent[]) {
    this.layout = layOut(grid, events);
    this.size = columnsOf(this.layout);
    this.length = grid.length;
    this.rows = new Float64Array(grid.length * this.size);
    for (let i = 0; i < grid.length; i++) rowAt(this.layout, grid.startsAt + i * grid.step, this.row(i));
    this.gram = new Float64Array((this.size * (this.size + 1)) / 2);
    for (let i = 0; i < grid.length; i++) addSquare(this.gram, this.row(i), 1);
  }

  private row(index: number): Float64Array {
    return this.rows.subarray(index * this.size, (index + 1) * this.size);
  }

  /** Moments of a series over the grid, each value divided by `scale`; NaN is a gap. */
  moments(values: Float64Array, scale: number): Moments {
    const { size, length, rows } = this;
    if (values.length !== length) throw new RangeError(`prophet: expected ${length} values, found ${values.length}`);
    const moment = new Float64Array(size);
    let square = 0;
    let count = 0;
    for (let i = 0, at = 0; i < length; i++, at += size) {
      const y = values[i] / scale;
      if (Number.isNaN(y)) continue;
      for (let j = 0; j < size; j++) moment[j] += rows[at + j] * y;
      square += y * y;
      count++;
    }
    return { size, gram: this.gramWithout(values, length - count), moment, square, count };
  }

  private gramWithout(values: Float64Array, gaps: number): Float64Array {
    if (gaps === 0) return this.gram;
    // Whichever is less work: to take the gaps out, or to put the others together.
    const remove = gaps < this.length / 2;
    const gram = remove ? this.gram.slice() : new Float64Array(this.gram.length);
    for (let i = 0; i < this.length; i++)
      if (Number.isNaN(values[i]) === remove) addSquare(gram, this.row(i), remove ? -1 : 1);
    return gram;
  }
}

function addSquare(gram: Float64Array, row: Float64Array, weight: number): void {
  for (let i = 0, at = 0; i < row.length; i++) {
    const left = weight * row[i];
    for (let j = 0; j <= i; j++, at++) gram[at] += left * row[j];
  }
}
