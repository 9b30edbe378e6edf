import type { SeriesName } from "../../model/dimension.ts";

/**
 * What the forecast room shows to the others. A forecaster belongs to one series of one workload; it sees one value a tick
 * and answers with quantiles at a few horizons that were named when it was made. Times are epoch seconds, horizons are ticks.
 */

/**
 * Which models run. `fast`: seasonal naive, EWMA with a profile, seasonal AR; nothing leaves the thread, and the same input
 * gives the same bytes. `balanced` adds ARIMA, and `accurate` Prophet's curve and the global LSTM too, fitted in a worker or trained in a process where
 * that is given (`ModelParts`); without it, as in a replay unless it is asked for, they answer as `fast` does and say so in `fallbackFrom`.
 */
export type ForecastTier = "fast" | "balanced" | "accurate";

/** In the order in which they are named in a forecast. */
export const MODEL_NAMES = [
  "naive",
  "seasonal naive",
  "ewma profile",
  "seasonal ar",
  "arima",
  "prophet",
  "lstm",
] as const;
export type ModelName = (typeof MODEL_NAMES)[number];

export interface ForecasterOptions {
  readonly series: SeriesName;
  /** Seconds a tick. */
  readonly step: number;
  /** Seconds of one season ("day"): 86,400, or less where a demonstration compresses time. At least four ticks. A "week" is seven of them. */
  readonly season: number;
  /** Quantile levels, ascending, each inside (0, 1). */
  readonly levels: readonly number[];
  /** Ticks ahead, ascending, each at least 1: those that a decision needs, and a coarser grid for a plan. At most 64. */
  readonly horizons: readonly number[];
  /** Evidence is taken over the horizons within so many ticks (and over the first in any case). Default: an eighth of the season. */
  readonly decisiveWithin?: number;
  /** The levels that decisions act on, among `levels`: those that have to cover what they claim. Default: all above the middle. */
  readonly decisiveLevels?: readonly number[];
  readonly tier: ForecastTier;
  /** These models instead of the tier's, for backtests and comparisons. */
  readonly models?: readonly ModelName[];
  /** For whatever is drawn at random; the models of the fast tier draw nothing. */
  readonly seed: number;
  /** Epoch seconds at which the first tick begins. */
  readonly startsAt: number;
}

/** Quantiles of one series over the horizons, from what was known at `issuedAt`. All numbers are finite and not negative. */
export interface Forecast {
  readonly series: SeriesName;
  /** Epoch seconds of the end of the last tick seen. */
  readonly issuedAt: number;
  /** Seconds a tick. */
  readonly step: number;
  readonly levels: readonly number[];
  /** Ticks ahead: `horizons[k] = 1` is the tick that begins at `issuedAt`. */
  readonly horizons: readonly number[];
  /** `values[level][k]`: the quantile of the value of the tick `horizons[k]` ahead. Not decreasing in the level. */
  readonly values: readonly Float64Array[];
  /** The middle forecast at each horizon. */
  readonly point: Float64Array;
  /** What made it: the name of a model, or `ensemble(a, b, c)`. */
  readonly model: string;
  /** What should have made it and could not, with the reason. */
  readonly fallbackFrom?: string;
  readonly evidence: Evidence;
  /** Planned events that the quantiles were lifted by. */
  readonly lifted?: readonly LiftedEvent[];
}

/** A planned event inside the horizon, and what it multiplies the forecast without it by. */
export interface LiftedEvent {
  readonly name: string;
  /** Epoch seconds. */
  readonly from: number;
  readonly to: number;
  /** Of the middle forecast, and of the quantiles above it. */
  readonly factor: number;
  readonly upper: number;
  readonly source: "stated" | "learnt" | "coming" | "unknown";
  /** Past occurrences that were measured. */
  readonly occurrences: number;
}

/** What is known about how good the forecasts of this series have been. */
export interface Evidence {
  /** Whether forecasts may drive actions at all of the decisive horizons. At which of them they may, where not at all, `horizons` says. */
  readonly trusted: boolean;
  /** It may add capacity and never release it: it was borrowed from another workload. */
  readonly scaleOutOnly?: boolean;
  /** One sentence for people: why it is trusted, or what is missing. */
  readonly reason: string;
  /** Forecasts of the decisive horizons that have been compared with what came. */
  readonly samples: number;
  /** 1 − loss / loss of seasonal naive: pinball loss, the worst of the decisive horizons. NaN before there is a sample. */
  readonly skill: number;
  /** Observed share of values at or below each quantile, by level (`"0.99"`), over the decisive horizons. */
  readonly coverage: Readonly<Record<string, number>>;
  /** Seasons ("days") of measured values. */
  readonly historyDays: number;
  /** Epoch seconds since when `trusted` is what it is. */
  readonly since?: number;
  /** By decisive horizon, ascending. Without it what holds of one holds of all. */
  readonly horizons?: readonly HorizonEvidence[];
}

/** How good the forecasts of one horizon have been. */
export interface HorizonEvidence {
  /** Ticks ahead. */
  readonly ahead: number;
  readonly trusted: boolean;
  readonly reason: string;
  /** Forecasts that have been compared with what came. */
  readonly samples: number;
  /** As of `Evidence`, at this horizon alone. */
  readonly skill: number;
  /** By level, of those that decisions act on. */
  readonly coverage: Readonly<Record<string, number>>;
  /** Epoch seconds since when `trusted` is what it is. */
  readonly since: number;
}

/**
 * Why a forecast may not drive actions by what it says of the ticks `from` to `to` ahead; `undefined` where it may. What lies between two
 * horizons is read from both, so that both have to be trusted.
 */
export function refusalBetween({ trusted, reason, horizons }: Evidence, from: number, to: number): string | undefined {
  if (trusted) return undefined;
  if (horizons === undefined || horizons.length === 0) return reason || "it has not proved itself yet";
  const last = horizons.length - 1;
  const first = Math.max(
    0,
    horizons.findLastIndex(({ ahead }) => ahead <= from),
  );
  const beyond = horizons.findIndex(({ ahead }) => ahead >= to);
  return horizons.slice(first, (beyond < 0 ? last : beyond) + 1).find((one) => !one.trusted)?.reason;
}

export interface SeriesForecaster {
  /** Takes the value of the next tick. NaN is a gap: time goes on and nothing is learnt from it. Infinite and negative values count as gaps. */
  update(value: number): void;
  /** Quantiles from what was seen so far. Calling it changes nothing. */
  forecast(): Forecast;
  /**
   * Where models run on other threads: resolves when `forecast` can say the best there will be of the last tick, or at the deadline, on the scale
   * of `performance.now()`. Absent where `forecast` says it at once.
   */
  settled?(deadline: number): Promise<void>;
  /** Weighs its models by how wrong they are from now on, and hardly by what was before: something has changed. */
  reweigh(): void;
  /** Ticks seen, gaps included. */
  readonly ticks: number;
  /** The whole state, as plain data that JSON or structured clone carries. */
  snapshot(): ForecasterSnapshot;
  /** Takes over a state. Throws where it was made by other options or by another version. */
  restore(snapshot: ForecasterSnapshot): void;
}

/** How forecasters are made: `createForecaster` in `forecaster.ts` is one. */
export type ForecasterFactory = (options: ForecasterOptions) => SeriesForecaster;

/** State of a forecaster. Opaque, but plain: numbers are base64 of little-endian doubles. */
export interface ForecasterSnapshot {
  readonly format: "foreshadow.forecaster";
  readonly version: number;
  readonly options: ForecasterOptions;
  readonly state: unknown;
}

/** A quantile curve at any number of ticks ahead: linear between the horizons, and level before the first and after the last. */
export function quantileAt(forecast: Forecast, level: number, ticksAhead: number): number {
  const row = forecast.levels.indexOf(level);
  if (row < 0) throw new RangeError(`level ${level} was not forecast; there are ${forecast.levels.join(", ")}`);
  return interpolate(forecast.horizons, forecast.values[row], ticksAhead);
}

/** The middle forecast at any number of ticks ahead, interpolated as `quantileAt` does. */
export function pointAt(forecast: Pick<Forecast, "horizons" | "point">, ticksAhead: number): number {
  return interpolate(forecast.horizons, forecast.point, ticksAhead);
}

/** The greatest value of a quantile over the ticks `from` to `to` ahead, both included. */
export function quantileMaximum(forecast: Forecast, level: number, from: number, to: number): number {
  let greatest = Math.max(quantileAt(forecast, level, from), quantileAt(forecast, level, to));
  const row = forecast.values[forecast.levels.indexOf(level)];
  forecast.horizons.forEach((ahead, k) => {
    if (ahead >= from && ahead <= to) greatest = Math.max(greatest, row[k]);
  });
  return greatest;
}

/** The smallest value of a quantile over the ticks `from` to `to` ahead, both included. */
export function quantileMinimum(forecast: Forecast, level: number, from: number, to: number): number {
  let smallest = Math.min(quantileAt(forecast, level, from), quantileAt(forecast, level, to));
  const row = forecast.values[forecast.levels.indexOf(level)];
  forecast.horizons.forEach((ahead, k) => {
    if (ahead >= from && ahead <= to) smallest = Math.min(smallest, row[k]);
  });
  return smallest;
}

/** The smallest forecast level that is at least `level`, or the greatest there is. */
export function levelAtLeast(forecast: Forecast, level: number): number {
  return forecast.levels.find((l) => l >= level) ?? forecast.levels[forecast.levels.length - 1];
}

function interpolate(horizons: readonly number[], values: Float64Array, ahead: number): number {
  const last = horizons.length - 1;
  if (ahead <= horizons[0]) return values[0];
  if (ahead >= horizons[last]) return values[last];
  let k = 1;
  while (horizons[k] < ahead) k++;
  const share = (ahead - horizons[k - 1]) / (horizons[k] - horizons[k - 1]);
  return values[k - 1] + share * (values[k] - values[k - 1]);
}
