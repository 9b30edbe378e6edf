import { decodeInto, encode } from "./doubles.ts";
import { Pending } from "./pending.ts";

/** Errors that those from before a re-weighting count for. */
const FORMER = 12;

/**
 * What a new error counts for, of a forecast that was issued so many ticks after a re-weighting: those since then and a few from before in equal
 * parts, until that is less than usual. What was issued before could not know of the change.
 */
export function reweighedGain(usual: number, ticks: number): number {
  return ticks >= 0 ? Math.max(usual, 1 / (FORMER + ticks + 1)) : usual;
}

/**
 * Weighs the forecasts of several models by how wrong each was lately at the same horizon: the inverse of an exponentially
 * weighted mean of |error| (Bates and Granger 1969, "The combination of forecasts"), to a power so high that those near the best
 * share the weight and those that are a fifth worse have next to none.
 */
export class Ensemble {
  /** Tick from which on errors count anew; infinite where they never did. */
  private reweighedAt = Number.POSITIVE_INFINITY;
  private readonly horizons: readonly number[];
  private readonly models: number;
  private readonly gain: number;
  private readonly power: number;
  private readonly errors: Float64Array;
  private readonly pending: Pending[] = [];

  /** @param halfLife ticks after which an error counts half */
  constructor(horizons: readonly number[], models: number, halfLife: number, power = 12) {
    this.horizons = horizons;
    this.models = models;
    this.gain = 1 - Math.exp(-Math.LN2 / halfLife);
    this.power = power;
    this.errors = new Float64Array(horizons.length * models).fill(Number.NaN);
    for (let m = 0; m < models; m++) this.pending.push(new Pending(horizons));
  }

  /** Takes the value of `tick`: scores what was issued for it. NaN scores nothing. */
  score(tick: number, value: number): void {
    if (Number.isNaN(value)) return;
    for (let k = 0; k < this.horizons.length; k++) {
      const gain = reweighedGain(this.gain, tick - this.horizons[k] - this.reweighedAt);
      for (let m = 0; m < this.models; m++) {
        const issued = this.pending[m].due(k, tick);
        if (Number.isNaN(issued)) continue;
        const at = k * this.models + m;
        const error = Math.abs(value - issued);
        const before = this.errors[at];
        this.errors[at] = !Number.isNaN(before) ? before + gain * (error - before) : error;
      }
    }
  }

  /** From `tick` on errors count as if only few were known from before: the models have changed their ranks. */
  reweigh(tick: number): void {
    this.reweighedAt = tick;
  }

  /** Combines the forecasts issued at the end of `tick` into `out`; a model that says NaN has no part. NaN where all do. */
  combine(tick: number, forecasts: readonly Float64Array[], out: Float64Array): void {
    for (let k = 0; k < this.horizons.length; k++) {
      let sum = 0;
      let weights = 0;
      let least = Number.POSITIVE_INFINITY;
      for (let m = 0; m < this.models; m++) {
        const error = this.errors[k * this.models + m];
        if (!Number.isNaN(forecasts[m][k]) && error < least) least = error;
      }
      for (let m = 0; m < this.models; m++) {
        const value = forecasts[m][k];
        this.pending[m].put(k, tick, value);
        if (Number.isNaN(value)) continue;
        const error = this.errors[k * this.models + m];
        // A model without a record yet counts a little; errors are taken over the least, so that no scale over- or underflows.
        const ratio = !Number.isNaN(error) ? (least > 0 ? least / error : error > 0 ? 0 : 1) : 0.1;
        let weight = ratio;
        for (let p = 1; p < this.power; p++) weight *= ratio;
        sum += weight * value;
        weights += weight;
      }
      out[k] = weights > 0 ? sum / weights : Number.NaN;
    }
  }

  /** The share of each model at a horizon's index, as last scored. */
  snapshot(): unknown {
    return {
      reweighedAt: String(this.reweighedAt),
      errors: encode(this.errors),
      pending: this.pending.map((p) => p.snapshot()),
    };
  }

  restore(state: unknown): void {
    const s = state as { reweighedAt: string; errors: string; pending: unknown[] };
    this.reweighedAt = Number(s.reweighedAt);
    decodeInto(this.errors, s.errors);
    this.pending.forEach((p, m) => {
      p.restore(s.pending[m]);
    });
  }
}
