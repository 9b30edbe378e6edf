import { decodeInto, encode } from "./doubles.ts";

/** The last `size` numbers in order of arrival and in order of size: a quantile is a look-up, a new number two binary searches and a move. */
export class SortedWindow {
  private readonly arrived: Float64Array;
  private readonly sorted: Float64Array;
  private next = 0;
  count = 0;

  constructor(size: number) {
    this.arrived = new Float64Array(size);
    this.sorted = new Float64Array(size);
  }

  push(value: number): void {
    const { arrived, sorted } = this;
    if (this.count === arrived.length) {
      const from = this.position(arrived[this.next]);
      const to = this.position(value);
      if (to > from) {
        sorted.copyWithin(from, from + 1, to);
        sorted[to - 1] = value;
      } else {
        sorted.copyWithin(to + 1, to, from);
        sorted[to] = value;
      }
    } else {
      const to = this.position(value);
      sorted.copyWithin(to + 1, to, this.count);
      sorted[to] = value;
      this.count++;
    }
    arrived[this.next] = value;
    this.next = this.next + 1 === arrived.length ? 0 : this.next + 1;
  }

  clear(): void {
    this.count = 0;
    this.next = 0;
  }

  /** How many of the window are less than the value. */
  private position(value: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.sorted[middle] < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * The conformal quantile: the ⌈(n + 1) level⌉-th smallest of n, the greatest where that is more than n; interpolated
   * downwards for the fraction, so that it moves without steps.
   */
  quantile(level: number): number {
    const rank = (this.count + 1) * level - 1;
    if (rank >= this.count - 1) return this.sorted[this.count - 1];
    if (rank <= 0) return this.sorted[0];
    const low = Math.floor(rank);
    return this.sorted[low] + (rank - low) * (this.sorted[low + 1] - this.sorted[low]);
  }

  snapshot(): unknown {
    return { next: this.next, count: this.count, arrived: encode(this.arrived) };
  }

  restore(state: unknown): void {
    const s = state as { next: number; count: number; arrived: string };
    this.next = s.next;
    this.count = s.count;
    decodeInto(this.arrived, s.arrived);
    this.sorted.set(this.arrived);
    this.sorted.subarray(0, s.count).sort();
  }
}
