import { decodeInto, encode } from "./doubles.ts";
import type { History } from "./history.ts";
import type { Model } from "./model.port.ts";
import { NormalEquations } from "./normal-equations.ts";
import type { SeasonalArFeatures } from "./seasonal-ar-features.ts";

/** Penalty on coefficients, a share of the weight of what was seen. */
const RIDGE = 1e-5;
/** An error counts in full up to so many times the usual size, and beyond only in proportion to its root (Huber 1964). */
const ROBUST = 1.5;
/** What a new error counts for in the usual size. */
const GAIN = 0.005;

/**
 * Seasonal autoregression, direct for each horizon: a robust ridge regression on `SeasonalArFeatures` that forgets. The class of
 * model is dynamic harmonic regression's (Hyndman and Athanasopoulos, Forecasting: principles and practice, ch. 10), with lags
 * instead of harmonics. The normal equations are kept up at every tick, so that a fit reads no history.
 */
export class SeasonalAr implements Model {
  readonly name: string;
  readonly cost;
  private readonly history: History;
  private readonly features: SeasonalArFeatures;
  private readonly keep: number;
  private readonly equations: readonly NormalEquations[];
  private readonly coefficients: readonly Float64Array[];
  /** Per horizon: the usual size of the error. */
  private readonly sizes: Float64Array;
  private readonly fitted: Uint8Array;

  /** @param halfLife seasons after which an observation counts half */
  constructor(history: History, features: SeasonalArFeatures, horizons: number, halfLife: number) {
    const { season } = history;
    this.name = `seasonal ar ${halfLife}`;
    this.history = history;
    this.features = features;
    this.keep = Math.exp(-Math.LN2 / (halfLife * season));
    this.equations = Array.from({ length: horizons }, () => new NormalEquations(features.size));
    this.coefficients = this.equations.map(() => new Float64Array(features.size));
    this.sizes = new Float64Array(horizons);
    this.fitted = new Uint8Array(horizons);
    this.cost = { perTick: 2 * horizons, perFit: 12 * horizons, fitEvery: Math.max(1, Math.round(season / 48)) };
  }

  fit(): void {
    for (let k = 0; k < this.equations.length; k++)
      if (this.equations[k].weight > this.history.season / 4 && this.equations[k].solve(this.coefficients[k], RIDGE))
        this.fitted[k] = 1;
  }

  update(): void {
    const { features } = this;
    features.update();
    for (let k = 0; k < this.equations.length; k++) {
      const came = features.came[k];
      if (Number.isNaN(came)) continue;
      const row = features.past[k];
      this.equations[k].add(
        row,
        came,
        this.fitted[k] ? this.weight(k, came - dot(row, this.coefficients[k])) : 1,
        this.keep,
      );
    }
  }

  private weight(k: number, error: number): number {
    const size = Math.abs(error);
    this.sizes[k] = this.sizes[k] === 0 ? size : this.sizes[k] + GAIN * (size - this.sizes[k]);
    const usual = ROBUST * this.sizes[k];
    return size > usual ? usual / size : 1;
  }

  forecast(out: Float64Array): void {
    const { features } = this;
    const highest = features.scale > 0 ? 1.3 * Math.log1p(this.history.greatest() / features.scale) + 0.2 : 0;
    for (let k = 0; k < out.length; k++) {
      if (!this.fitted[k]) {
        out[k] = Number.NaN;
        continue;
      }
      const value = dot(features.ahead[k], this.coefficients[k]) + features.usual[k];
      out[k] = Math.expm1(Math.min(highest, Math.max(0, value))) * features.scale;
    }
  }

  snapshot(): unknown {
    return {
      equations: this.equations.map((e) => e.snapshot()),
      coefficients: this.coefficients.map(encode),
      sizes: encode(this.sizes),
      fitted: [...this.fitted],
    };
  }

  restore(state: unknown): void {
    const s = state as { equations: unknown[]; coefficients: string[]; sizes: string; fitted: number[] };
    this.equations.forEach((e, k) => {
      e.restore(s.equations[k]);
    });
    this.coefficients.forEach((c, k) => {
      decodeInto(c, s.coefficients[k]);
    });
    decodeInto(this.sizes, s.sizes);
    this.fitted.set(s.fitted);
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
