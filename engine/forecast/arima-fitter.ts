import { siblingModule } from "../../model/sibling.ts";
import type { ArimaCoefficients, ArimaFitter, ArimaRequest } from "./arima-fitter.port.ts";
import { ArmaFilter, inadmissible } from "./arma-filter.ts";
import { createWorkerFitter } from "./fitting/worker-fitter.ts";

export interface ArimaFitterOptions {
  /** Milliseconds that one fit may take before it is given up and its thread ended. */
  readonly budget?: number;
  /** Fits after which the thread is replaced, since the package leaks. */
  readonly recycleAfter?: number;
  /** Times as long as a fit took that the thread rests after it. */
  readonly rest?: number;
}

/** The package breaks for good above about 8,211 values. */
const MOST_VALUES = 8_000;
/** Ticks ahead that a forecast is looked at, and how many times the series' range it may lie outside of it. */
const LOOKED_AT = [1, 2, 4, 8, 16, 32, 64, 128, 256];
const MOST_OUTSIDE = 1;

/**
 * Fits ARIMAs in a worker thread: one at a time, within a budget, and each result checked before it is used. The order is chosen by
 * the `arima` package, the coefficients by `fitArma`.
 */
export function createArimaFitter({ budget = 30_000, recycleAfter = 40, rest }: ArimaFitterOptions = {}): ArimaFitter {
  return createWorkerFitter<ArimaRequest, ArimaCoefficients, ArimaCoefficients>({
    name: "arima",
    module: siblingModule(import.meta.url, "./arima.worker"),
    budget,
    recycleAfter,
    rest,
    refuse: ({ series }) =>
      series.length > MOST_VALUES || !series.every(Number.isFinite)
        ? `expected at most ${MOST_VALUES} finite values, found ${series.length}`
        : undefined,
    accept: ({ series }, coefficients) => {
      const reason = inadmissible(coefficients) ?? exploded(series, coefficients);
      if (reason) throw new Error(`arima: ${reason}`);
      return coefficients;
    },
  });
}

/** Where a forecast leaves what the series lets one expect. */
export function exploded(series: Float64Array, coefficients: ArimaCoefficients): string | undefined {
  const filter = new ArmaFilter();
  filter.use(coefficients);
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const value of series) {
    filter.update(value);
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const forecast = new Float64Array(LOOKED_AT.length);
  filter.forecast(LOOKED_AT, forecast);
  const room = MOST_OUTSIDE * (most - least) + 1e-9 * Math.abs(most);
  const k = forecast.findIndex((value) => !(value >= least - room && value <= most + room));
  return k < 0 ? undefined : `exploded: forecast ${forecast[k]} at ${LOOKED_AT[k]} ahead of values ${least} to ${most}`;
}
