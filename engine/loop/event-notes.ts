import type { SeriesName } from "../../model/dimension.ts";
import { formatInstant } from "../../model/instant.ts";
import type { Reason } from "../../model/reason.ts";
import { formatShort } from "../../model/units.ts";
import type { Forecast, LiftedEvent } from "../forecast/forecast.port.ts";

const SOURCE: Record<LiftedEvent["source"], (occurrences: number) => string> = {
  stated: () => "as stated",
  learnt: (occurrences) => `as the last ${occurrences === 1 ? "time" : `${occurrences} times`}`,
  coming: () => "as it comes",
  unknown: () => "not known yet; this occurrence is measured",
};

/** What planned events do to the forecasts over [now, until), as reasons of the decision that rests on them. */
export function eventNotes(forecasts: Partial<Record<SeriesName, Forecast>>, now: number, until: number): Reason[] {
  return Object.values(forecasts).flatMap(({ series, lifted = [] }) =>
    lifted
      .filter(({ from, to }) => from < until && to > now)
      .map((event): Reason => ({ kind: "event", series, text: `${series}: ${describeEvent(event)}` })),
  );
}

/** `launch until 2026-11-24T10:00Z: × 3, as stated`. */
export function describeEvent({ name, from, to, factor, upper, source, occurrences }: LiftedEvent): string {
  const range = upper > factor * 1.05 ? ` (up to ${formatShort(upper)})` : "";
  const effect = source === "unknown" ? "" : `× ${formatShort(factor)}${range}, `;
  return `${name} from ${formatInstant(from)} to ${formatInstant(to)}: ${effect}${SOURCE[source](occurrences)}`;
}
