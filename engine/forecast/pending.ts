import { decodeInto, encode } from "./doubles.ts";

/** Numbers that wait for their target to come: what was issued for `horizons[k]` ticks ahead is read again just then. */
export class Pending {
  private readonly horizons: readonly number[];
  private readonly offsets: number[] = [];
  private readonly data: Float64Array;

  constructor(horizons: readonly number[]) {
    this.horizons = horizons;
    let size = 0;
    for (const h of horizons) {
      this.offsets.push(size);
      size += h;
    }
    this.data = new Float64Array(size).fill(Number.NaN);
  }

  /** What was issued for this tick; NaN where nothing was. Read before `put` of the same tick overwrites it. */
  due(k: number, tick: number): number {
    return this.data[this.offsets[k] + (tick % this.horizons[k])];
  }

  /** Issues at the end of `tick`, for `tick + horizons[k]`. */
  put(k: number, tick: number, value: number): void {
    this.data[this.offsets[k] + (tick % this.horizons[k])] = value;
  }

  snapshot(): unknown {
    return encode(this.data);
  }

  restore(state: unknown): void {
    decodeInto(this.data, state as string);
  }
}
