import { COLUMNS } from "./usage-schema.ts";

/**
 * What was measured over (at − length, at]. `data` holds, per column, the integral of the value over the time it was
 * measured and that time in seconds: their quotient is the mean, points add up, and a column without time is a gap.
 */
export interface Point {
  readonly at: number;
  readonly length: number;
  /** Seconds of the shortest sample in it. */
  readonly grain: number;
  readonly data: Float64Array;
}

/** A point of one sample: rates averaged over the interval that ends at `at`, `NaN` where nothing was measured. */
export function samplePoint(at: number, interval: number, values: ArrayLike<number>): Point {
  const data = new Float64Array(COLUMNS * 2);
  for (let column = 0; column < COLUMNS; column++) {
    const value = values[column];
    if (!Number.isFinite(value)) continue;
    data[2 * column] = value * interval;
    data[2 * column + 1] = interval;
  }
  return { at, length: interval, grain: interval, data };
}

/** Adds each point's share to the buckets that it overlaps; keys are the buckets' ends. */
export function addToBuckets(buckets: Map<number, Point>, points: Iterable<Point>, bucket: number): void {
  for (const point of points) {
    const start = point.at - point.length;
    for (let index = Math.floor(start / bucket); index * bucket < point.at; index++) {
      const end = (index + 1) * bucket;
      const share = overlap(start, point.at, end - bucket, end) / point.length;
      if (share <= 0) continue;
      const known = buckets.get(end);
      const data = known?.data ?? new Float64Array(COLUMNS * 2);
      for (let i = 0; i < point.data.length; i++) data[i] += share * point.data[i];
      const grain = Math.min(known?.grain ?? Number.POSITIVE_INFINITY, point.grain);
      buckets.set(end, { at: end, length: bucket, grain, data });
    }
  }
}

/** Means of one column over the steps of a regular grid. */
export class StepMeans {
  readonly #from: number;
  readonly #step: number;
  readonly #integral: Float64Array;
  readonly #time: Float64Array;
  readonly #grain: Float64Array;

  constructor(from: number, step: number, steps: number) {
    this.#from = from;
    this.#step = step;
    this.#integral = new Float64Array(steps);
    this.#time = new Float64Array(steps);
    this.#grain = new Float64Array(steps).fill(Number.POSITIVE_INFINITY);
  }

  add({ at, length, grain, data }: Point, column: number): void {
    const time = data[2 * column + 1];
    if (!(time > 0)) return;
    const [from, step] = [this.#from, this.#step];
    const start = at - length;
    const last = Math.min(this.#time.length - 1, Math.ceil((at - from) / step) - 1);
    for (let i = Math.max(0, Math.floor((start - from) / step)); i <= last; i++) {
      const share = overlap(start, at, from + i * step, from + (i + 1) * step) / length;
      if (share <= 0) continue;
      this.#integral[i] += share * data[2 * column];
      this.#time[i] += share * time;
      this.#grain[i] = Math.min(this.#grain[i], grain);
    }
  }

  /**
   * The mean of step `i`; `NaN` where less than half a sample (or half the step, when that is shorter) fell into it.
   * Otherwise the end of a neighbour's sample would close a gap.
   */
  mean(i: number): number {
    const enough = Math.min(this.#step, this.#grain[i]) / 2;
    // Sums of shares are inexact; half a sample must not depend on the last bit.
    return this.#time[i] >= enough * (1 - 1e-6) ? this.#integral[i] / this.#time[i] : Number.NaN;
  }
}

function overlap(aFrom: number, aTo: number, bFrom: number, bTo: number): number {
  return Math.min(aTo, bTo) - Math.max(aFrom, bFrom);
}

export function encode(data: Float64Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Points written before a series was added are shorter: what is missing was not measured. */
export function decode(blob: Uint8Array): Float64Array {
  const data = new Float64Array(COLUMNS * 2);
  new Uint8Array(data.buffer).set(blob.subarray(0, data.byteLength));
  return data;
}
