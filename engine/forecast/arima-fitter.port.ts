import type { Fitter } from "./fitting/fitter.port.ts";

/** A fitted ARMA of the d-th difference w: w[t] − mean = Σ ar[i] (w[t−1−i] − mean) + a[t] + Σ ma[i] a[t−1−i]. */
export interface ArimaCoefficients {
  readonly d: number;
  readonly ar: readonly number[];
  readonly ma: readonly number[];
  readonly mean: number;
}

export interface ArimaRequest {
  /** Without gaps, oldest first, at most 8,000 values. */
  readonly series: Float64Array;
  /** Coefficients whose order is kept, which takes milliseconds; without them the order is chosen anew, which takes a second. */
  readonly known?: ArimaCoefficients;
}

/** Chooses order and coefficients for a series, away from the thread that forecasts. */
export type ArimaFitter = Fitter<ArimaRequest, ArimaCoefficients>;
