const ZERO = 48;
const NINE = 57;

/** Reads unsigned decimal numbers out of bytes, one after another, without making strings of them. */
export class Digits {
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #end = 0;

  /** Starts at `from` and reads no further than `end`. */
  over(bytes: Buffer, from: number, end: number): this {
    this.#bytes = bytes;
    this.#at = from;
    this.#end = end;
    return this;
  }

  /** The next number; `NaN` when there is none. What stands between numbers is skipped, a sign included. */
  next(): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let at = this.#at;
    while (at < end && (bytes[at] < ZERO || bytes[at] > NINE)) at++;
    if (at >= end) {
      this.#at = at;
      return Number.NaN;
    }
    let value = 0;
    while (at < end && bytes[at] >= ZERO && bytes[at] <= NINE) value = value * 10 + bytes[at++] - ZERO;
    this.#at = at;
    return value;
  }

  /** Passes over `count` numbers. */
  skip(count: number): this {
    for (let i = 0; i < count; i++) this.next();
    return this;
  }
}
