import { field, keyValue, lengthDelimited, type MessageParts } from "./message-parts.ts";

/** start_time_unix_nano, time_unix_nano and the value: a tag and eight bytes each. */
const FIXED_BYTES = 27;
const ATTRIBUTES_FIELD = 7;
const START_TAG = (2 << 3) | 1;
const TIME_TAG = (3 << 3) | 1;
const DOUBLE_TAG = (4 << 3) | 1;
const POINT_TAG = (1 << 3) | 2;
/** Of a metric in ScopeMetrics, and of its kinds in the metric. */
const METRIC_FIELD = 2;
const GAUGE_FIELD = 5;
const SUM_FIELD = 7;
const CUMULATIVE = Buffer.from([2 << 3, 2]);
const CUMULATIVE_MONOTONIC = Buffer.from([2 << 3, 2, 3 << 3, 1]);
const NOTHING = Buffer.alloc(0);

export type Attributes = readonly (readonly [string, string | number])[];

/** Attributes of a data point, ready to be copied into it. */
export function pointAttributes(attributes: Attributes): Buffer {
  return Buffer.concat(attributes.map(([key, value]) => field(ATTRIBUTES_FIELD, keyValue(key, value))));
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

/**
 * Writes the data points of one OTLP metric as bytes. Messages of this shape are sent every second with attributes that seldom change:
 * those are encoded once and copied, which costs a tenth of building and serialising message objects.
 * Field numbers are those of model/otlp/metrics.proto, against whose generated code this is tested.
 */
export class MetricWriter {
  readonly #head: Buffer;
  readonly #kind: number;
  readonly #tail: Buffer;
  #bytes = Buffer.allocUnsafeSlow(1024);
  #length = 0;

  private constructor(name: string, unit: string, kind: number, tail: Buffer) {
    this.#head = Buffer.concat([field(1, name), field(3, unit)]);
    this.#kind = kind;
    this.#tail = tail;
  }

  static gauge(name: string, unit: string): MetricWriter {
    return new MetricWriter(name, unit, GAUGE_FIELD, NOTHING);
  }

  /** A cumulative sum. */
  static sum(name: string, unit: string, monotonic: boolean): MetricWriter {
    return new MetricWriter(name, unit, SUM_FIELD, monotonic ? CUMULATIVE_MONOTONIC : CUMULATIVE);
  }

  /**
   * @param times of `pointTimes`
   * @param attributes of `pointAttributes`
   * @param more such ones too: what differs between points that share the others
   */
  add(times: Buffer, value: number, attributes: Buffer, more: Buffer = NOTHING): void {
    const size = attributes.length + more.length + FIXED_BYTES;
    this.#reserve(size + 6);
    const bytes = this.#bytes;
    let at = this.#length;
    bytes[at++] = POINT_TAG;
    let rest = size;
    for (; rest >= 128; rest >>>= 7) bytes[at++] = (rest & 127) | 128;
    bytes[at++] = rest;
    bytes.set(attributes, at);
    at += attributes.length;
    bytes.set(more, at);
    at += more.length;
    bytes.set(times, at);
    at += times.length;
    bytes[at++] = DOUBLE_TAG;
    this.#length = bytes.writeDoubleLE(value, at);
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#length + size));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }

  /** Moves the metric to ScopeMetrics, unless it has no points. What was moved is valid until the next point is added. */
  moveTo(scope: MessageParts): void {
    if (this.#length === 0) return;
    const points = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    const kind = lengthDelimited(this.#kind, points.length + this.#tail.length);
    const length = this.#head.length + kind.length + points.length + this.#tail.length;
    scope.add(lengthDelimited(METRIC_FIELD, length)).add(this.#head).add(kind).add(points).add(this.#tail);
  }
}
