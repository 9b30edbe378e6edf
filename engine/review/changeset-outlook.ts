import type { Changeset } from "../../model/changeset.ts";
import type { SeriesName } from "../../model/dimension.ts";
import type { Forecast } from "../forecast/forecast.port.ts";
import type { Decision } from "../orchestrator/decide.port.ts";
import { decide } from "../orchestrator/decide.ts";
import { decodeDecideInput } from "../orchestrator/decide-json.ts";

/** What is shown of the forecasts that a changeset rests on. */
export interface Outlook {
  /** USD an hour at quantiles of what will be needed, and of what is asked for. */
  readonly price?: Decision["price"];
  /** Forecasts by series, those that the reasons name first. */
  readonly forecasts: readonly Forecast[];
}

/** The outlook of a changeset, recomputed from its evidence. One without evidence, such as a person's, has none. */
export function outlookOf({ evidence, reasons }: Pick<Changeset, "evidence" | "reasons">): Outlook {
  if (evidence === undefined) return { forecasts: [] };
  const input = decodeDecideInput(evidence.input);
  const named = reasons.map(({ series }) => series).filter((series): series is SeriesName => series !== undefined);
  const rank = ({ series }: Forecast) => (named.includes(series) ? named.indexOf(series) : named.length);
  const forecasts = Object.values(input.forecasts).sort((a, b) => rank(a) - rank(b));
  return { price: decide(input).price, forecasts };
}
