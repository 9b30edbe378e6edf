import { z } from "zod";
import { instant, name, uplift } from "./schema.ts";
import { isTimeZone } from "./time-zone.ts";

/** One occurrence of something that is known beforehand and changes demand: a launch, a holiday, a batch window. */
export interface PlannedEvent {
  /** Occurrences of the same name are taken to be alike: what one did to demand is expected of the next. */
  readonly name: string;
  /** Epoch seconds; `to` is the first instant after it. */
  readonly from: number;
  readonly to: number;
  /** Times the demand without it, where a person says so. Without it, it is learnt from past occurrences. */
  readonly uplift?: number;
}

/** Far more than anybody plans; a bound on what is expanded at every look ahead. */
const MOST_EVENTS = 1000;
const path = z.string().min(1).max(4096);

const rule = z
  .strictObject({
    name: z.string().min(1).max(200),
    from: instant,
    to: instant,
    /** `daily`, `weekly`, `monthly`, `yearly`, or a recurrence rule of RFC 5545, section 3.3.10. */
    repeat: z
      .string()
      .max(500)
      .regex(/^(daily|weekly|monthly|yearly|FREQ=[A-Z0-9=;,:+-]+)$/, "daily, weekly, monthly, yearly or FREQ=WEEKLY;…")
      .optional(),
    /** Time zone whose clocks a repetition follows over changes of daylight saving. */
    timeZone: z.string().refine(isTimeZone, "a time zone such as Europe/Berlin").default("UTC"),
    uplift: uplift.optional(),
    /** Workloads that it concerns; without it, all. */
    workloads: z.array(name).min(1).optional(),
  })
  .refine(({ from, to }) => to > from, "a `to` after the `from`");

/** `events` of the project file. */
export const plannedEvents = z.strictObject({
  planned: z.array(rule).max(MOST_EVENTS).default([]),
  /** iCalendar files, from the project file's directory. */
  calendars: z
    .array(z.strictObject({ file: path, workloads: z.array(name).min(1).optional() }))
    .max(20)
    .default([]),
});

export type EventRule = z.output<typeof rule>;
