import type { ForecasterFactory } from "./forecast.port.ts";

/**
 * Forecasters that share their work: a tick of all of them is stepped together, and slow models run elsewhere. A tick goes so: `update` of every
 * forecaster, `advance` once, then `settled` and `forecast` of each. Whoever leaves `advance` out has the same forecasts, only later.
 */
export interface ForecastHost {
  readonly create: ForecasterFactory;
  /** Everything of this tick was taken: go on. @param breathe is awaited between slices of some milliseconds */
  advance(breathe: () => Promise<void>): Promise<void>;
  /** Forecasts so far that a cheaper model had to make. */
  readonly fallbacks: number;
}
