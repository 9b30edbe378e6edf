import { statSync } from "node:fs";
import { resolve } from "node:path";
import { InputError } from "../model/input-error.ts";
import type { PlannedEvent } from "../model/planned-event.ts";
import type { Project } from "../model/project.ts";
import { type Calendar, parseCalendar } from "./forecast/events/icalendar.ts";
import type { EventsBetween, PlannedEvents } from "./forecast/events/planned-events.port.ts";
import { occurrencesOf, parseRule } from "./forecast/events/recurrence.ts";
import { readInput } from "./project-files.ts";

const DAY = 86_400;
/** Days that are expanded at once, so that a rule is gone through seldom. */
const EXPANDED = 40 * DAY;

/** One source of events, and what of it was expanded last. */
interface Source {
  readonly workloads: readonly string[] | undefined;
  expand(from: number, to: number): PlannedEvent[];
  span: { from: number; to: number; events: readonly PlannedEvent[] } | undefined;
}

interface CalendarSource extends Source {
  readonly path: string;
  stamp: string;
  calendar: Calendar;
}

/**
 * The planned events of a project: those of the project file and of its calendars, which are read again when they change. A
 * calendar that cannot be read any more is told once, and counts as it was.
 */
export class EventCalendars implements PlannedEvents {
  readonly #sources: readonly Source[];
  readonly #calendars: readonly CalendarSource[];
  readonly #say: (text: string) => void;
  #last: string | undefined;

  /** @throws InputError where a calendar or a rule cannot be read */
  constructor(events: Project["events"], root: string, say: (text: string) => void) {
    this.#say = say;
    const planned = events.planned.map((rule, index): Source => {
      try {
        if (rule.repeat !== undefined) parseRule(rule.repeat);
      } catch (error) {
        const { message } = error as Error;
        throw new InputError("foreshadow.yaml", [
          { path: `events.planned.${index}.repeat`, expected: message.replace(/^expected /, ""), found: rule.repeat! },
        ]);
      }
      return { workloads: rule.workloads, expand: (from, to) => occurrencesOf(rule, from, to), span: undefined };
    });
    this.#calendars = events.calendars.map(({ file, workloads }) => {
      const path = resolve(root, file);
      const source: CalendarSource = {
        workloads,
        path,
        stamp: stampOf(path),
        calendar: parseCalendar(readInput(path), path),
        expand: (from, to) => source.calendar.occurrences(from, to),
        span: undefined,
      };
      return source;
    });
    this.#sources = [...planned, ...this.#calendars];
  }

  refresh(): void {
    for (const source of this.#calendars) {
      const stamp = stampOf(source.path);
      if (stamp === source.stamp) continue;
      source.stamp = stamp;
      try {
        source.calendar = parseCalendar(readInput(source.path), source.path);
        source.span = undefined;
      } catch (error) {
        this.#tell(`${(error as Error).message}; the events count as they were`);
      }
    }
  }

  of(workload: string): EventsBetween | undefined {
    const sources = this.#sources.filter(({ workloads }) => workloads?.includes(workload) !== false);
    if (sources.length === 0) return undefined;
    return (from, to) => sources.flatMap((source) => this.#overlapping(source, from, to));
  }

  #overlapping(source: Source, from: number, to: number): readonly PlannedEvent[] {
    let { span } = source;
    if (span === undefined || from < span.from || to > span.to) {
      const wide = { from: from - DAY, to: Math.max(to, from + EXPANDED) };
      span = { ...wide, events: this.#expand(source, wide.from, wide.to) };
      source.span = span;
    }
    return span.events.filter((event) => event.from < to && event.to > from);
  }

  #expand(source: Source, from: number, to: number): PlannedEvent[] {
    try {
      return source.expand(from, to);
    } catch (error) {
      this.#tell(`planned events: ${(error as Error).message}; they count for nothing`);
      return [];
    }
  }

  #tell(text: string): void {
    if (text !== this.#last) this.#say(text);
    this.#last = text;
  }
}

function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? "none" : `${stat.mtimeMs} ${stat.size} ${stat.ino}`;
}
