import { type Accuracy, BacktestRun } from "./backtest.ts";
import { TimedFits } from "./fitting/timed-fits.ts";
import { type ForecastTier, MODEL_NAMES, type ModelName } from "./forecast.port.ts";
import { createForecaster } from "./forecaster.ts";
import type { ModelParts } from "./models.ts";

/** What can be backtested: each model alone, and those of a tier together. */
export const BACKTESTED = [...MODEL_NAMES, "ensemble"] as const;
export type Backtested = ModelName | "ensemble";

/** How good one model was at one horizon, and what it cost. */
export interface ModelAccuracy extends Accuracy {
  /** Mean milliseconds of one fit; 0 for a model that is never fitted. */
  readonly msPerFit: number;
  /** Mean milliseconds of taking one value and forecasting all horizons with their quantiles. */
  readonly msPerForecast: number;
}

export interface ModelBacktest {
  readonly values: Float64Array;
  /** Epoch seconds of the first value, and seconds a tick. */
  readonly startsAt: number;
  readonly step: number;
  /** Seconds of a season. */
  readonly season: number;
  /** The first tick whose end a scored forecast is made at. */
  readonly from: number;
  /** Ticks, ascending. */
  readonly horizons: readonly number[];
  readonly levels: readonly number[];
  /** The tier whose models make up the ensemble. */
  readonly tier: ForecastTier;
  readonly parts: ModelParts;
  /** Milliseconds that the training of `parts.globalModel` took. */
  readonly trainingMs?: number;
  /** Milliseconds, for the costs. */
  readonly clock: () => number;
  readonly progress?: (tick: number) => void;
}

/**
 * Backtests one model, or the ensemble, over a series. Fits on other threads are waited for, so that the same series gives the same figures.
 *
 * @returns by horizon, in ticks; a string says why the model had nothing to say
 * @throws RangeError that names an option out of bounds
 */
export async function backtestModel(
  name: Backtested,
  {
    values,
    startsAt,
    step,
    season,
    from,
    horizons,
    levels,
    tier,
    parts,
    trainingMs = 0,
    clock,
    progress,
  }: ModelBacktest,
): Promise<Map<number, ModelAccuracy> | string> {
  const fits = new TimedFits(clock);
  if (name === "lstm") fits.add(trainingMs);
  const forecaster = createForecaster(
    {
      series: "cpu",
      step,
      season,
      levels,
      horizons,
      tier,
      models: name === "ensemble" ? undefined : [name],
      seed: 1,
      startsAt,
    },
    {
      ...parts,
      runFit: fits.runFit,
      ...(parts.arima && { arima: fits.timed(parts.arima) }),
      ...(parts.prophet && { prophet: fits.timed(parts.prophet) }),
    },
  );
  const run = new BacktestRun(values, forecaster, { season: Math.round(season / step), from });
  let milliseconds = 0;
  for (let tick = 0; tick < values.length; tick++) {
    const began = clock();
    run.step();
    milliseconds += clock() - began;
    const waiting = fits.settled();
    if (waiting) await waiting;
    if (tick % 1_000 === 0) progress?.(tick);
  }
  const { model, fallbackFrom } = forecaster.forecast();
  if (model === "last value") return fallbackFrom ?? "it needs a longer history";
  const cost = {
    msPerFit: fits.count > 0 ? fits.milliseconds / fits.count : 0,
    msPerForecast: (milliseconds - fits.onThread) / values.length,
  };
  return new Map([...run.accuracy()].map(([horizon, accuracy]) => [horizon, { ...accuracy, ...cost }]));
}
