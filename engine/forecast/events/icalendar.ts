import ICAL from "ical.js";
import { InputError } from "../../../model/input-error.ts";
import type { PlannedEvent } from "../../../model/planned-event.ts";
import { isTimeZone } from "../../../model/time-zone.ts";
import { parseUplift } from "../../../model/units.ts";
import { MOST_OCCURRENCES, wallSeconds } from "./recurrence.ts";
import { epochOf } from "./wall-clock.ts";

/** Larger than the calendar of a large organisation; a bound on what is parsed. */
const MOST_CHARACTERS = 8 * 1024 * 1024;
const MOST_EVENTS = 20_000;
const MOST_NAME = 200;

/** Events of one iCalendar file. */
export interface Calendar {
  /** Occurrences that overlap [from, to), ascending. @throws RangeError where an event repeats more often than can be looked at */
  occurrences(from: number, to: number): PlannedEvent[];
}

/**
 * Reads an iCalendar file (RFC 5545): its VEVENTs with their recurrence rules, added and excluded dates and changed occurrences; not
 * those that are cancelled. Times are in the zones that the file defines, or that their names say where it does not; whole days and times
 * without a zone are in the file's X-WR-TIMEZONE, else in UTC. A stated uplift is the property X-FORESHADOW-UPLIFT, or a line
 * `uplift: 3x` of the description, which every calendar program can write.
 *
 * @param file its name, for messages
 * @throws InputError where it is no calendar
 */
export function parseCalendar(text: string, file: string): Calendar {
  const refuse = (expected: string, found: string) => new InputError(file, [{ path: "", expected, found }]);
  if (text.length > MOST_CHARACTERS) throw refuse(`at most ${MOST_CHARACTERS} characters`, `${text.length}`);
  let root: ICAL.Component;
  try {
    root = new ICAL.Component(ICAL.parse(text));
  } catch (error) {
    throw refuse("an iCalendar file (BEGIN:VCALENDAR …)", (error as Error).message);
  }
  if (root.name !== "vcalendar") throw refuse("an iCalendar file (BEGIN:VCALENDAR …)", root.name);
  const components = root.getAllSubcomponents("vevent");
  if (components.length > MOST_EVENTS) throw refuse(`at most ${MOST_EVENTS} events`, `${components.length}`);
  const zone = textOf(root, "x-wr-timezone");
  const fallback = zone !== undefined && isTimeZone(zone) ? zone : "UTC";
  try {
    const events = related(components);
    // An event without a time cannot be placed; better said when it is read than at each tick.
    for (const event of events) epochSeconds(event.startDate, event.component, fallback);
    return {
      occurrences: (from, to) =>
        events.flatMap((event) => expand(event, from, to, fallback)).sort((a, b) => a.from - b.from),
    };
  } catch (error) {
    throw refuse("events with a name, a beginning and an end", (error as Error).message);
  }
}

/** Events, each with the occurrences of it that the file changes. */
function related(components: readonly ICAL.Component[]): ICAL.Event[] {
  const byId = new Map<string, ICAL.Event>();
  const alone: ICAL.Event[] = [];
  const changed = components.filter((component) => component.hasProperty("recurrence-id"));
  for (const component of components) {
    if (component.hasProperty("recurrence-id")) continue;
    const event = new ICAL.Event(component, { exceptions: [] });
    if (event.uid && !byId.has(event.uid)) byId.set(event.uid, event);
    else alone.push(event);
  }
  for (const component of changed) {
    const event = new ICAL.Event(component);
    const parent = byId.get(event.uid);
    // A changed occurrence of a series that is not in the file is an event by itself.
    if (parent?.isRecurring()) parent.relateException(event);
    else alone.push(event);
  }
  return [...byId.values(), ...alone];
}

function expand(event: ICAL.Event, from: number, to: number, zone: string): PlannedEvent[] {
  if (isCancelled(event)) return [];
  if (!event.isRecurring() || event.isRecurrenceException()) {
    const one = occurrence(event, event.startDate, event.endDate, zone);
    return one !== undefined && one.from < to && one.to > from ? [one] : [];
  }
  const found: PlannedEvent[] = [];
  // A changed occurrence may lie elsewhere than the rule puts it, so that the search goes on a little.
  const beyond = to + 31 * 86_400;
  const iterator = event.iterator();
  for (let count = 0; ; count++) {
    if (count === MOST_OCCURRENCES)
      throw new RangeError(`${event.summary}: expected at most ${MOST_OCCURRENCES} occurrences; begin it later`);
    const next = iterator.next();
    if (!next || epochSeconds(next, event.component, zone) >= beyond) return found;
    const { item, startDate, endDate } = event.getOccurrenceDetails(next);
    if (isCancelled(item)) continue;
    const one = occurrence(item, startDate, endDate, zone);
    if (one !== undefined && one.from < to && one.to > from) found.push(one);
  }
}

function occurrence(event: ICAL.Event, start: ICAL.Time, end: ICAL.Time, zone: string): PlannedEvent | undefined {
  const from = epochSeconds(start, event.component, zone);
  const to = epochSeconds(end, event.component, zone);
  // An event without a length is a reminder, and changes no demand.
  if (!(to > from)) return undefined;
  const uplift = statedUplift(event);
  return {
    name: (event.summary || "event").trim().slice(0, MOST_NAME),
    from,
    to,
    ...(uplift === undefined ? {} : { uplift }),
  };
}

function epochSeconds(time: ICAL.Time | null, component: ICAL.Component, fallback: string): number {
  if (time === null) throw new RangeError("an event without DTSTART");
  const defined = time.zone !== null && time.zone !== ICAL.Timezone.localTimezone;
  const seconds = defined && !time.isDate ? time.toUnixTime() : epochOf(wallSeconds(time), zoneOf(component, fallback));
  if (!Number.isFinite(seconds)) throw new RangeError(`a time that is none: ${time.toString()}`);
  return seconds;
}

/** The zone that an event's times name without the file defining it. */
function zoneOf(component: ICAL.Component, fallback: string): string {
  const named = component.getFirstProperty("dtstart")?.getFirstParameter("tzid");
  return named !== undefined && named !== "" && isTimeZone(named) ? named : fallback;
}

function isCancelled(event: ICAL.Event): boolean {
  return textOf(event.component, "status")?.toUpperCase() === "CANCELLED";
}

function statedUplift(event: ICAL.Event): number | undefined {
  const property = textOf(event.component, "x-foreshadow-uplift");
  const line = /^\s*uplift:\s*(\S+)\s*$/im.exec(event.description ?? "")?.[1];
  return parseUplift(property ?? line ?? "");
}

function textOf(component: ICAL.Component, name: string): string | undefined {
  const value = component.getFirstPropertyValue(name);
  return value === null || value === undefined ? undefined : String(value).trim();
}
