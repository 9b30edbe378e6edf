import type { SeriesName } from "../../model/dimension.ts";
import type { Forecast, ForecasterOptions } from "../forecast/forecast.port.ts";
import { createForecaster } from "../forecast/forecaster.ts";
import { WorkloadFeedback } from "./workload-feedback.ts";

/** Five-minute ticks. */
export const STEP = 300;
export const DAY = 288;

export const OPTIONS: ForecasterOptions = {
  series: "cpu",
  step: STEP,
  season: DAY * STEP,
  levels: [0.1, 0.5, 0.9, 0.99],
  horizons: [1, 2, 6, 12],
  tier: "fast",
  seed: 1,
  startsAt: 0,
};

/** A forecast of the same value and spread at every horizon. */
export function flatForecast(point: number, spread: number): Forecast {
  const { series, step, levels, horizons } = OPTIONS;
  const row = (value: number) => Float64Array.from(horizons, () => Math.max(0, value));
  return {
    series,
    issuedAt: 0,
    step,
    levels,
    horizons,
    values: [point - 1.2816 * spread, point, point + 1.2816 * spread, point + 2.33 * spread].map(row),
    point: row(point),
    model: "flat",
    evidence: { trusted: true, reason: "", samples: 1, skill: 1, coverage: {}, historyDays: 9 },
  };
}

/** Feedback with real forecasters that learn what it lets through, as the engine's loop has them. */
export function watched(names: readonly SeriesName[] = ["cpu"]) {
  const feedback = new WorkloadFeedback("web", STEP, DAY * STEP);
  const forecasters = new Map(names.map((series) => [series, createForecaster({ ...OPTIONS, series })]));
  let tick = 0;
  return {
    feedback,
    forecasters,
    /** Feeds the next tick: one value for every series. @returns what was found, and what was learnt */
    feed(value: number | readonly number[], live?: Parameters<WorkloadFeedback["admit"]>[0]["live"]) {
      const end = ++tick * STEP;
      const values = new Map(names.map((series, i) => [series, typeof value === "number" ? value : value[i]]));
      const learnt = feedback.admit({ end, values, live }, (series) => {
        const forecaster = forecasters.get(series)!;
        return forecaster.ticks > 0 ? forecaster.forecast() : undefined;
      });
      for (const [series, forecaster] of forecasters) forecaster.update(learnt.get(series)!);
      return { ...feedback.findings(end), learnt, end };
    },
  };
}
