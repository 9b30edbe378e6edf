import { siblingModule } from "../../model/sibling.ts";
import type { ArimaCoefficients, ArimaFitter, ArimaRequest } from "./arima-fitter.port.ts";
import { ArmaFilter, inadmissible } from "./arma-filter.ts";
import { createWorkerFitter } from "./fitting/worker-fitter.ts";

export interface ArimaFitterOptions {
  /** Milliseconds that one fit may take before it is given up and its thread ended. */
  readonly budget?: number;
  /** Fits after which the thread is replaced, since the package leaks. */
  readonly recycleAfter?: number;
}

/** The package breaks for good above about 8,211 values. */
const MOST_VALUES = 8_000;
/** Ticks ahead that the package's forecast and that of its coefficients are compared over. */
const COMPARED = [1, 2, 4, 8, 16];

/** What the worker says: coefficients, and the package's own forecast of so many ticks. */
export interface RawArimaFit {
  readonly coefficients: ArimaCoefficients;
  readonly forecast: readonly number[];
}

/** Fits ARIMAs with the `arima` package in a worker thread: one at a time, within a budget, and each result checked before it is used. */
export function createArimaFitter({ budget = 5_000, recycleAfter = 40 }: ArimaFitterOptions = {}): ArimaFitter {
  return createWorkerFitter<ArimaRequest, RawArimaFit, ArimaCoefficients>({
    name: "arima",
    module: siblingModule(import.meta.url, "./arima.worker"),
    budget,
    recycleAfter,
    refuse: ({ series }) =>
      series.length > MOST_VALUES || !series.every(Number.isFinite)
        ? `expected at most ${MOST_VALUES} finite values, found ${series.length}`
        : undefined,
    accept: ({ series }, { coefficients, forecast }) => {
      check(series, coefficients, forecast);
      return coefficients;
    },
  });
}

/** Throws where the coefficients could explode, or do not forecast what the package itself forecasts. */
function check(series: Float64Array, coefficients: ArimaCoefficients, theirs: readonly number[]): void {
  const reason = inadmissible(coefficients);
  if (reason) throw new Error(`arima: ${reason}`);
  const filter = new ArmaFilter();
  filter.use(coefficients);
  for (const value of series) filter.update(value);
  const ours = new Float64Array(COMPARED.length);
  filter.forecast(COMPARED, ours);
  const range = Math.max(...series) - Math.min(...series);
  COMPARED.forEach((ahead, k) => {
    const difference = Math.abs(ours[k] - theirs[ahead - 1]);
    if (!(difference <= 0.02 * range + 1e-9))
      throw new Error(
        `arima: exploded: forecast ${theirs[ahead - 1]} at ${ahead} ahead, ${ours[k]} by its own coefficients`,
      );
  });
}
