/** A fitted ARMA of the d-th difference w: w[t] − mean = Σ ar[i] (w[t−1−i] − mean) + a[t] + Σ ma[i] a[t−1−i]. */
export interface ArimaCoefficients {
  readonly d: number;
  readonly ar: readonly number[];
  readonly ma: readonly number[];
  readonly mean: number;
}

/** Chooses order and coefficients for a series, away from the thread that forecasts. */
export interface ArimaFitter {
  /**
   * @param series without gaps, oldest first, at most 8,000 values
   * @returns rejects with an `Error` that says why there is no fit that can be used, a missed time budget among the reasons
   */
  fit(series: Float64Array): Promise<ArimaCoefficients>;
  close(): Promise<void>;
}
