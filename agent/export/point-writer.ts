/**
 * Writes OTLP number data points as bytes. Messages of this shape are sent every second with attributes that seldom change:
 * those are encoded once and copied, which costs a tenth of building and serialising message objects.
 * Field numbers are those of model/otlp/metrics.proto, against whose generated code this is tested.
 */

const LENGTH_DELIMITED = 2;
/** start_time_unix_nano, time_unix_nano and the value: a tag and eight bytes each. */
const FIXED_BYTES = 27;
const START_TAG = (2 << 3) | 1;
const TIME_TAG = (3 << 3) | 1;
const DOUBLE_TAG = (4 << 3) | 1;

/** Bytes of `field: message`, for length-delimited fields below 16. */
export function field(number: number, content: Buffer | string): Buffer {
  const bytes = typeof content === "string" ? Buffer.from(content, "utf8") : content;
  return Buffer.concat([Buffer.from([(number << 3) | LENGTH_DELIMITED]), varint(bytes.length), bytes]);
}

/** Unsigned, below 2^53. */
export function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  bytes.push(rest);
  return Buffer.from(bytes);
}

/** A KeyValue with a string, or with an integer that is not negative. */
export function keyValue(key: string, value: string | number): Buffer {
  const any =
    typeof value === "string" ? field(1, value) : Buffer.concat([Buffer.from([3 << 3]), varint(Math.max(0, value))]);
  return Buffer.concat([field(1, key), field(2, any)]);
}

/** The attributes of a data point, ready to be copied into it. */
export function pointAttributes(attributes: readonly (readonly [string, string | number])[]): Buffer {
  return Buffer.concat(attributes.map(([key, value]) => field(7, keyValue(key, value))));
}

/** Start and time of a data point, in epoch microseconds, ready to be copied into it. */
export function pointTimes(start: number, time: number): Buffer {
  const bytes = Buffer.alloc(18);
  bytes[0] = START_TAG;
  bytes.writeBigUInt64LE(BigInt(Math.round(start)) * 1000n, 1);
  bytes[9] = TIME_TAG;
  bytes.writeBigUInt64LE(BigInt(Math.round(time)) * 1000n, 10);
  return bytes;
}

/** Collects data points of one metric. */
export class PointWriter {
  #bytes = Buffer.allocUnsafe(4096);
  #length = 0;

  /** @param times of `pointTimes` */
  add(attributes: Buffer, times: Buffer, value: number): void {
    const size = attributes.length + FIXED_BYTES;
    this.#reserve(size + 6);
    const bytes = this.#bytes;
    let at = this.#length;
    bytes[at++] = (1 << 3) | LENGTH_DELIMITED;
    let rest = size;
    for (; rest >= 128; rest >>>= 7) bytes[at++] = (rest & 127) | 128;
    bytes[at++] = rest;
    at += attributes.copy(bytes, at);
    at += times.copy(bytes, at);
    bytes[at++] = DOUBLE_TAG;
    this.#length = bytes.writeDoubleLE(value, at);
  }

  get empty(): boolean {
    return this.#length === 0;
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + size));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }

  /** The collected points, and an empty writer for the next round. */
  take(): Buffer {
    const points = Buffer.from(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
    return points;
  }
}

/** A Metric with a Gauge. */
export function gauge(name: string, unit: string, points: Buffer): Buffer {
  return Buffer.concat([field(1, name), field(3, unit), field(5, points)]);
}

const CUMULATIVE = Buffer.from([2 << 3, 2]);
const MONOTONIC = Buffer.from([3 << 3, 1]);

/** A Metric with a cumulative Sum. */
export function sum(name: string, unit: string, monotonic: boolean, points: Buffer): Buffer {
  const content = Buffer.concat([points, CUMULATIVE, ...(monotonic ? [MONOTONIC] : [])]);
  return Buffer.concat([field(1, name), field(3, unit), field(7, content)]);
}
