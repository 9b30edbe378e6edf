import { Arima } from "./arima.ts";
import type { ArimaFitter } from "./arima-fitter.port.ts";
import { EwmaProfile } from "./ewma-profile.ts";
import type { ForecasterOptions, ForecastTier, ModelName } from "./forecast.port.ts";
import type { History } from "./history.ts";
import type { Model } from "./model.port.ts";
import { Naive } from "./naive.ts";
import { SeasonalAr } from "./seasonal-ar.ts";
import { SeasonalNaive } from "./seasonal-naive.ts";

/** What models need from outside the thread; what is not given leaves its model out. */
export interface ModelParts {
  readonly arima?: ArimaFitter;
}

/** The models of each tier. */
const TIERS: Record<ForecastTier, readonly ModelName[]> = {
  fast: ["naive", "seasonal naive", "ewma profile", "seasonal ar"],
  balanced: ["naive", "seasonal naive", "ewma profile", "seasonal ar", "arima"],
  accurate: ["naive", "seasonal naive", "ewma profile", "seasonal ar", "arima"],
};

/** Makes the models that the options name, and names those that cannot be made, with the reason. */
export function makeModels(
  options: ForecasterOptions,
  history: History,
  parts: ModelParts,
): { models: Model[]; left: string | undefined } {
  const { horizons } = options;
  const models: Model[] = [];
  let left: string | undefined;
  for (const name of options.models ?? TIERS[options.tier]) {
    if (name === "naive") models.push(new Naive(history));
    else if (name === "seasonal naive") models.push(new SeasonalNaive(history, horizons));
    else if (name === "ewma profile") models.push(new EwmaProfile(history, horizons));
    else if (name === "seasonal ar") models.push(new SeasonalAr(history, horizons));
    else if (parts.arima) models.push(new Arima(history, horizons, parts.arima));
    else left = "arima: no fitter was given";
  }
  return { models, left };
}
