import { Arima } from "./arima.ts";
import type { ArimaFitter } from "./arima-fitter.port.ts";
import { EwmaProfile } from "./ewma-profile.ts";
import type { ForecasterOptions, ForecastTier, ModelName } from "./forecast.port.ts";
import type { History } from "./history.ts";
import { GlobalLstm } from "./lstm/global-lstm.ts";
import type { GlobalModelSource } from "./lstm/global-model.port.ts";
import type { Model } from "./model.port.ts";
import { Naive } from "./naive.ts";
import { Prophet, type ProphetOptions } from "./prophet/prophet.ts";
import type { ProphetFitter } from "./prophet/prophet-fitter.port.ts";
import { SeasonalAr } from "./seasonal-ar.ts";
import { SeasonalArFeatures } from "./seasonal-ar-features.ts";
import { SeasonalNaive } from "./seasonal-naive.ts";

/** What models need from outside the thread; what is not given leaves its model out. */
export interface ModelParts {
  readonly arima?: ArimaFitter;
  readonly prophet?: ProphetFitter;
  /** The calendar, for models that know of one; without it there are no planned events. */
  readonly events?: ProphetOptions["events"];
  /** Runs each fit that happens on this thread, in place of calling it: a benchmark times them. */
  readonly runFit?: (fit: () => void) => void;
  readonly globalModel?: GlobalModelSource;
}

/**
 * The models of an ensemble of each tier. The LSTM makes the ensemble's middle forecast better by one to three parts in a hundred and leaves decisions as good as they were, so that
 * only those who ask for accuracy pay for its training.
 */
const TIERS: Record<ForecastTier, readonly ModelName[]> = {
  fast: ["naive", "seasonal naive", "ewma profile", "seasonal ar"],
  balanced: ["naive", "seasonal naive", "ewma profile", "seasonal ar", "arima"],
  accurate: ["naive", "seasonal naive", "ewma profile", "seasonal ar", "arima", "prophet", "lstm"],
};

/** What several models rest on, and whose state goes with theirs. */
export interface Shared {
  snapshot(): unknown;
  restore(state: unknown): void;
}

/** Seasons after which the seasonal autoregressions forget half: one that follows, and one that keeps. */
const HALF_LIVES = [0.5, 4];

/** Makes the models that the options name, and names those that cannot be made, with the reason. */
export function makeModels(
  options: ForecasterOptions,
  history: History,
  parts: ModelParts,
): { models: Model[]; shared: Shared[]; left: string[] } {
  const { horizons } = options;
  const models: Model[] = [];
  const shared: Shared[] = [];
  const left: string[] = [];
  for (const name of options.models ?? TIERS[options.tier]) {
    if (name === "naive") models.push(new Naive(history));
    else if (name === "seasonal naive") models.push(new SeasonalNaive(history, horizons));
    else if (name === "ewma profile") models.push(new EwmaProfile(history, horizons));
    else if (name === "seasonal ar") {
      const features = new SeasonalArFeatures(history, horizons);
      shared.push(features);
      for (const halfLife of HALF_LIVES) models.push(new SeasonalAr(history, features, horizons.length, halfLife));
    } else if (name === "prophet") {
      const { step, startsAt } = options;
      const { prophet, events } = parts;
      if (prophet) models.push(new Prophet(history, horizons, prophet, { step, startsAt, events }));
      else left.push("prophet: no fitter was given");
    } else if (name === "lstm") {
      if (parts.globalModel) models.push(new GlobalLstm(history, horizons, parts.globalModel, options.step));
      else left.push("lstm: no source of trained models was given");
    } else if (parts.arima) models.push(new Arima(history, horizons, parts.arima));
    else left.push("arima: no fitter was given");
  }
  return { models, shared, left };
}
