import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { InputError } from "../../../model/input-error.ts";
import { parseCalendar } from "./icalendar.ts";

const at = (text: string) => Date.parse(text) / 1000;
const iso = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 16);
const calendar = (...lines: string[]) =>
  ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:test", ...lines, "END:VCALENDAR"].join("\r\n");
const event = (...lines: string[]) => ["BEGIN:VEVENT", "UID:1", "SUMMARY:Sale", ...lines, "END:VEVENT"];
const spans = (text: string, from = "2026-01-01T00:00Z", to = "2027-01-01T00:00Z") =>
  parseCalendar(text, "events.ics")
    .occurrences(at(from), at(to))
    .map((one) => `${one.name} ${iso(one.from)} ${iso(one.to)}`);

test("an event in UTC is found where it lies", () => {
  const text = calendar(...event("DTSTART:20261127T080000Z", "DTEND:20261127T200000Z"));
  assert.deepEqual(spans(text), ["Sale 2026-11-27T08:00 2026-11-27T20:00"]);
  assert.deepEqual(spans(text, "2026-11-27T20:00Z"), []);
});

test("a named zone counts even where the file does not define it, and a defined one is used", () => {
  assert.deepEqual(
    spans(calendar(...event("DTSTART;TZID=Europe/Berlin:20260701T100000", "DTEND;TZID=Europe/Berlin:20260701T110000"))),
    ["Sale 2026-07-01T08:00 2026-07-01T09:00"],
  );
  const zone = [
    "BEGIN:VTIMEZONE",
    "TZID:Office",
    "BEGIN:STANDARD",
    "DTSTART:19700101T000000",
    "TZOFFSETFROM:+0530",
    "TZOFFSETTO:+0530",
    "END:STANDARD",
    "END:VTIMEZONE",
  ];
  assert.deepEqual(
    spans(calendar(...zone, ...event("DTSTART;TZID=Office:20260701T100000", "DTEND;TZID=Office:20260701T110000"))),
    ["Sale 2026-07-01T04:30 2026-07-01T05:30"],
  );
});

test("a whole day is one of the calendar's own zone, and of UTC without one", () => {
  const holiday = event("DTSTART;VALUE=DATE:20261225", "DTEND;VALUE=DATE:20261226");
  assert.deepEqual(spans(calendar(...holiday)), ["Sale 2026-12-25T00:00 2026-12-26T00:00"]);
  assert.deepEqual(spans(calendar("X-WR-TIMEZONE:America/New_York", ...holiday)), [
    "Sale 2026-12-25T05:00 2026-12-26T05:00",
  ]);
});

test("repetitions leave out excluded dates, follow changed ones, and skip what is cancelled", () => {
  const text = calendar(
    ...event(
      "DTSTART:20260601T080000Z",
      "DTEND:20260601T090000Z",
      "RRULE:FREQ=DAILY;COUNT=5",
      "EXDATE:20260602T080000Z",
    ),
    ...event("RECURRENCE-ID:20260603T080000Z", "DTSTART:20260603T150000Z", "DTEND:20260603T160000Z"),
    ...event(
      "RECURRENCE-ID:20260604T080000Z",
      "DTSTART:20260604T080000Z",
      "DTEND:20260604T090000Z",
      "STATUS:CANCELLED",
    ),
  );
  assert.deepEqual(spans(text), [
    "Sale 2026-06-01T08:00 2026-06-01T09:00",
    "Sale 2026-06-03T15:00 2026-06-03T16:00",
    "Sale 2026-06-05T08:00 2026-06-05T09:00",
  ]);
});

test("a weekly event in a zone keeps its local time over the change of the clocks", () => {
  const text = calendar(...event("DTSTART;TZID=Europe/Berlin:20260323T090000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY"));
  assert.deepEqual(spans(text, "2026-03-22T00:00Z", "2026-04-01T00:00Z"), [
    "Sale 2026-03-23T08:00 2026-03-23T09:00",
    "Sale 2026-03-30T07:00 2026-03-30T08:00",
  ]);
});

test("an uplift is read from the property or from a line of the description", () => {
  const times = ["DTSTART:20261127T080000Z", "DTEND:20261127T200000Z"];
  const uplift = (...lines: string[]) =>
    parseCalendar(calendar(...event(...times, ...lines)), "e.ics").occurrences(0, at("2027-01-01T00:00Z"))[0].uplift;
  assert.equal(uplift("X-FORESHADOW-UPLIFT:3x"), 3);
  assert.equal(uplift("DESCRIPTION:Campaign of the year\\nuplift: +40%\\nby Ann"), 1.4);
  assert.equal(uplift("DESCRIPTION:no figure"), undefined);
});

test("a reminder without a length changes nothing, and what is no calendar is refused with its name", () => {
  assert.deepEqual(spans(calendar(...event("DTSTART:20261127T080000Z", "DTEND:20261127T080000Z"))), []);
  for (const text of ["", "hello", "BEGIN:VCARD\r\nEND:VCARD", calendar(...event())])
    assert.throws(
      () => parseCalendar(text, "events.ics"),
      (error) => error instanceof InputError && /events\.ics/.test(error.message),
    );
});

test("whatever a calendar holds, it is read or refused, and what is found is finite and lies in the span", () => {
  const line = fc.oneof(
    fc.constantFrom(
      "DTSTART:20260601T080000Z",
      "DTEND:20260601T090000Z",
      "DTSTART:20269901T080000Z",
      "DTSTART;TZID=Nowhere/None:20260601T080000",
      "RRULE:FREQ=DAILY;INTERVAL=0",
      "RRULE:FREQ=YEARLY;BYMONTHDAY=31;BYMONTH=2",
      "DURATION:-PT1H",
      "RECURRENCE-ID:20260601T080000Z",
      "BEGIN:VEVENT",
      "END:VEVENT",
    ),
    fc.string({ maxLength: 40 }),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
      try {
        for (const one of parseCalendar(calendar(...event(...lines)), "e.ics").occurrences(1.78e9, 1.79e9)) {
          assert.ok(Number.isFinite(one.from) && Number.isFinite(one.to) && one.to > one.from);
          assert.ok(one.from < 1.79e9 && one.to > 1.78e9);
        }
      } catch (error) {
        assert.ok(error instanceof InputError || error instanceof RangeError, String(error));
      }
    }),
    { numRuns: 200 },
  );
});
