import ICAL from "ical.js";
import type { EventRule, PlannedEvent } from "../../../model/planned-event.ts";
import { epochOf, wallClock } from "./wall-clock.ts";

/** Occurrences looked at from the first one on: 27 years of a daily event, a year of an hourly one. */
export const MOST_OCCURRENCES = 10_000;

/**
 * The occurrences of a rule that overlap [from, to), ascending. A repetition keeps to the clocks of its time zone.
 *
 * @throws RangeError where the rule is not one of RFC 5545, or repeats more often than can be looked at
 */
export function occurrencesOf(rule: EventRule, from: number, to: number): PlannedEvent[] {
  const length = rule.to - rule.from;
  const event = (start: number): PlannedEvent => ({
    name: rule.name,
    from: start,
    to: start + length,
    ...(rule.uplift === undefined ? {} : { uplift: rule.uplift }),
  });
  if (rule.repeat === undefined) return rule.from < to && rule.to > from ? [event(rule.from)] : [];
  const found: PlannedEvent[] = [];
  const repeats = parseRule(rule.repeat).iterator(floating(wallClock(rule.from, rule.timeZone)));
  for (let count = 0; ; count++) {
    if (count === MOST_OCCURRENCES)
      throw new RangeError(`${rule.name}: expected at most ${MOST_OCCURRENCES} occurrences; begin it later`);
    const next = repeats.next();
    if (!next) return found;
    const start = epochOf(wallSeconds(next), rule.timeZone);
    if (start >= to) return found;
    if (start + length > from && start >= rule.from) found.push(event(start));
  }
}

/** @throws RangeError with what was expected and found */
export function parseRule(repeat: string): ICAL.Recur {
  const text = repeat.startsWith("FREQ=") ? repeat : `FREQ=${repeat.toUpperCase()}`;
  try {
    return ICAL.Recur.fromString(text);
  } catch (error) {
    throw new RangeError(
      `expected a recurrence rule of RFC 5545 such as FREQ=WEEKLY;BYDAY=MO, found ${repeat} (${(error as Error).message})`,
    );
  }
}

function floating(wall: number): ICAL.Time {
  const date = new Date(wall * 1000);
  return new ICAL.Time(
    {
      year: date.getUTCFullYear(),
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
      second: date.getUTCSeconds(),
      isDate: false,
    },
    ICAL.Timezone.localTimezone,
  );
}

/** What a time shows on its own clocks, in seconds as if it were UTC. */
export function wallSeconds({ year, month, day, hour, minute, second }: ICAL.Time): number {
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
}
