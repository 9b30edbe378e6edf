import type { PlannedEvent } from "../../../model/planned-event.ts";
import type { ProphetParameters } from "./prophet-fit.ts";
import { harmonics, MOST_WAVES, shareOf } from "./prophet-layout.ts";

/**
 * The value of a fitted curve at an instant, in time that depends neither on the history nor on how far ahead it is.
 *
 * @param at epoch seconds, the middle of what is asked for
 * @param width seconds that the value stands for: an event counts by the share of them that it covers
 * @param events the calendar; names that were not fitted have no effect
 */
export function prophetAt(
  parameters: ProphetParameters,
  at: number,
  width: number,
  events: readonly PlannedEvent[],
): number {
  const { startsAt, span, offset, slope, changes, seasons } = parameters;
  const waves = new Float64Array(MOST_WAVES);
  const t = (at - startsAt) / span;
  let value = offset + slope * t;
  for (const change of changes) if (t > change.at) value += change.slope * (t - change.at);
  for (const { period, coefficients } of seasons) {
    harmonics(at, period, coefficients.length / 2, waves, 0);
    for (let i = 0; i < coefficients.length; i++) value += coefficients[i] * waves[i];
  }
  for (const { name, effect } of parameters.events) {
    const share = shareOf(
      events.filter((event) => event.name === name),
      at,
      width,
    );
    value += effect * share;
  }
  return value;
}
