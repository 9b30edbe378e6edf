import type { SeriesName } from "../../model/dimension.ts";
import type { ForecastParts } from "../../model/forecast-parts.ts";
import type { DecideInput } from "../orchestrator/decide.port.ts";
import { levelFor } from "../orchestrator/policy.ts";
import type { Forecasting } from "./forecasting.ts";

/** What the numbers are made of that a decision looked at: each series' forecast of the tick in which capacity asked for now first serves. */
export async function decisiveParts(
  { forecasts, leadTime, step, constraints }: DecideInput,
  forecasting: Forecasting,
): Promise<Partial<Record<SeriesName, ForecastParts>>> {
  const ahead = 1 + Math.ceil(leadTime.out.p95 / step);
  const level = levelFor(constraints.performance.violation);
  const parts: Partial<Record<SeriesName, ForecastParts>> = {};
  for (const acting of Object.values(forecasts)) {
    const [one] = await forecasting.explain(acting.series, acting, [ahead], level);
    if (one !== undefined) parts[acting.series] = one;
  }
  return parts;
}
