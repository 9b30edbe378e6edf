import { decodeInto, encode } from "./doubles.ts";

/**
 * What is usual at each phase of the season: a mean over past seasons in which each counts `memory` times the next one.
 * Values are smoothed with `smooth` neighbours on both sides, so that a phase is learnt `smooth` ticks after it was seen;
 * reading the phase of a tick up to `season - smooth` ahead therefore never uses what was not known.
 */
export class SeasonalProfile {
  private readonly season: number;
  private readonly smooth: number;
  private readonly memory: number;
  private readonly sums: Float64Array;
  private readonly weights: Float64Array;
  private readonly recent: Float64Array;
  private ticks = 0;

  constructor(season: number, smooth: number, memory = 0.8) {
    this.season = season;
    this.smooth = smooth;
    this.memory = memory;
    this.sums = new Float64Array(season);
    this.weights = new Float64Array(season);
    this.recent = new Float64Array(2 * smooth + 1).fill(Number.NaN);
  }

  /** The usual value at the phase of an absolute tick; NaN where that phase was never measured. */
  at(tick: number): number {
    const phase = tick % this.season;
    return this.weights[phase] > 0 ? this.sums[phase] / this.weights[phase] : Number.NaN;
  }

  /** Takes the value of the next tick; NaN is a gap. */
  push(value: number): void {
    const width = this.recent.length;
    this.recent[this.ticks % width] = value;
    const centre = this.ticks - this.smooth;
    this.ticks++;
    if (centre < 0) return;
    let sum = 0;
    let count = 0;
    for (let i = 0; i < width; i++) {
      const neighbour = this.recent[i];
      if (!Number.isNaN(neighbour)) {
        sum += neighbour;
        count++;
      }
    }
    if (count === 0) return;
    const phase = centre % this.season;
    this.sums[phase] = this.memory * this.sums[phase] + sum / count;
    this.weights[phase] = this.memory * this.weights[phase] + 1;
  }

  snapshot(): unknown {
    return { ticks: this.ticks, sums: encode(this.sums), weights: encode(this.weights), recent: encode(this.recent) };
  }

  restore(state: unknown): void {
    const { ticks, sums, weights, recent } = state as Record<string, string> & { ticks: number };
    this.ticks = ticks;
    decodeInto(this.sums, sums);
    decodeInto(this.weights, weights);
    decodeInto(this.recent, recent);
  }
}
