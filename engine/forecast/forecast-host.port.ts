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
  readonly figures: ForecastFigures;
}

/** Why a cheaper model had to make a forecast. */
export const FALLBACK_CAUSES = ["deadline", "behind", "learning", "ended"] as const;
export type FallbackCause = (typeof FALLBACK_CAUSES)[number];

/** What a host has done since its start. */
export interface ForecastFigures {
  readonly forecasts: number;
  /** Of these, those that a cheaper model had to make: the better one did not answer by the deadline, was ticks behind, still learnt the past, or its thread had ended. */
  readonly fallbacks: Readonly<Record<FallbackCause, number>>;
}
