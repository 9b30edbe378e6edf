import { eventNotes } from "./event-notes.ts";
import type { Forecasting } from "./forecasting.ts";
import type { Situation } from "./situation.ts";

/**
 * What is foreseen of a workload, and what is to be said of it.
 *
 * @param at end of the tick
 * @param span seconds that a decision looks ahead
 */
export function foresee(forecasting: Forecasting, at: number, span: number): Pick<Situation, "forecasts" | "notes"> {
  const forecasts = forecasting.forecasts();
  return { forecasts, notes: eventNotes(forecasts, at, at + span) };
}
