import type { PlannedEvent } from "../../../model/planned-event.ts";
import { type Forecast, type LiftedEvent, pointAt, quantileAt } from "../forecast.port.ts";
import type { Uplift } from "./uplift-memory.ts";

/** An event that is expected, and what it does to the series. */
export interface ExpectedEvent {
  readonly event: PlannedEvent;
  readonly uplift: Uplift;
}

/**
 * A forecast with the events of its future in it: inside an event's window each quantile is multiplied, outside nothing changes. The window
 * begins and ends at once: horizons are added at its edges, so that reading between horizons neither smears nor misses it. Events that
 * overlap multiply. A tick that an event touches counts as inside. An event of which nothing is known is named and lifts nothing.
 */
export function liftForecast(forecast: Forecast, expected: readonly ExpectedEvent[]): Forecast {
  const { issuedAt, step, horizons, levels } = forecast;
  const last = horizons[horizons.length - 1];
  const windows = expected.flatMap(({ event, uplift }) => {
    const first = Math.max(1, Math.floor((event.from - issuedAt) / step + 1e-9) + 1);
    const end = Math.ceil((event.to - issuedAt) / step - 1e-9);
    return end >= first && first <= last ? [{ first, end, event, uplift }] : [];
  });
  if (windows.length === 0) return forecast;
  const known = windows.filter(({ uplift }) => uplift.source !== "unknown");
  const edges = known.flatMap(({ first, end }) => [first - 1, first, end, end + 1]);
  const grid = [...new Set([...horizons, ...edges.filter((h) => h >= 1 && h <= last)])].sort((a, b) => a - b);
  const factor = (ahead: number, side: "low" | "middle" | "high") =>
    known.reduce(
      (product, { first, end, uplift }) => (ahead >= first && ahead <= end ? product * uplift[side] : product),
      1,
    );
  return {
    ...forecast,
    horizons: grid,
    point: Float64Array.from(grid, (ahead) => pointAt(forecast, ahead) * factor(ahead, "middle")),
    values: levels.map((level) => {
      const side = level < 0.5 ? "low" : level > 0.5 ? "high" : "middle";
      return Float64Array.from(grid, (ahead) => quantileAt(forecast, level, ahead) * factor(ahead, side));
    }),
    lifted: windows.map(({ event, uplift }) => lifted(event, uplift)),
  };
}

function lifted({ name, from, to }: PlannedEvent, { middle, high, source, occurrences }: Uplift): LiftedEvent {
  return { name, from, to, factor: middle, upper: high, source, occurrences };
}
