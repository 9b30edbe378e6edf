import { decodeInto, encode } from "./doubles.ts";

/**
 * The last values of a series by absolute tick. The capacity is a power of two, so that finding a tick is a mask and not a division.
 * A tick that was never written, or was overwritten, reads as some older number: the reader knows how far back it may look.
 */
export class Ring {
  readonly data: Float64Array;
  readonly mask: number;

  /** @param least ticks that must be readable, the newest included */
  constructor(least: number) {
    let size = 4;
    while (size < least) size *= 2;
    this.data = new Float64Array(size);
    this.mask = size - 1;
  }

  set(tick: number, value: number): void {
    this.data[tick & this.mask] = value;
  }

  at(tick: number): number {
    return this.data[tick & this.mask];
  }

  snapshot(): unknown {
    return encode(this.data);
  }

  restore(state: unknown): void {
    decodeInto(this.data, state as string);
  }
}
