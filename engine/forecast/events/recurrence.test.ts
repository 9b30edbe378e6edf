import assert from "node:assert/strict";
import { test } from "node:test";
import type { EventRule } from "../../../model/planned-event.ts";
import { occurrencesOf } from "./recurrence.ts";

const at = (text: string) => Date.parse(text) / 1000;
const rule = (change: Partial<EventRule>): EventRule => ({
  name: "batch",
  from: at("2026-03-23T08:00Z"),
  to: at("2026-03-23T09:30Z"),
  timeZone: "UTC",
  ...change,
});
const starts = (change: Partial<EventRule>, from: string, to: string) =>
  occurrencesOf(rule(change), at(from), at(to)).map((event) => new Date(event.from * 1000).toISOString().slice(0, 16));

test("what does not repeat is found in the spans that it overlaps, and in no other", () => {
  assert.deepEqual(starts({}, "2026-03-23T09:00Z", "2026-03-24T00:00Z"), ["2026-03-23T08:00"]);
  assert.deepEqual(starts({}, "2026-03-23T09:30Z", "2026-03-24T00:00Z"), []);
  assert.deepEqual(starts({}, "2026-03-22T00:00Z", "2026-03-23T08:00Z"), []);
});

test("a repetition keeps to the clocks of its time zone when daylight saving begins", () => {
  const change = { repeat: "daily", timeZone: "Europe/Berlin" };
  assert.deepEqual(starts(change, "2026-03-28T00:00Z", "2026-03-31T00:00Z"), [
    "2026-03-28T08:00",
    "2026-03-29T07:00",
    "2026-03-30T07:00",
  ]);
});

test("rules of RFC 5545 are followed, with their end", () => {
  const change = { repeat: "FREQ=WEEKLY;BYDAY=MO,TH;UNTIL=20260403T000000Z" };
  assert.deepEqual(starts(change, "2026-01-01T00:00Z", "2027-01-01T00:00Z"), [
    "2026-03-23T08:00",
    "2026-03-26T08:00",
    "2026-03-30T08:00",
    "2026-04-02T08:00",
  ]);
});

test("an occurrence carries the name, the length and the stated uplift", () => {
  const [event] = occurrencesOf(
    rule({ repeat: "yearly", uplift: 3 }),
    at("2028-01-01T00:00Z"),
    at("2029-01-01T00:00Z"),
  );
  assert.deepEqual(event, {
    name: "batch",
    from: at("2028-03-23T08:00Z"),
    to: at("2028-03-23T09:30Z"),
    uplift: 3,
  });
});

test("a rule that is none is named, and one that repeats every second for years ends", () => {
  assert.throws(() => starts({ repeat: "FREQ=NEVER" }, "2026-03-23T00:00Z", "2026-03-24T00:00Z"), /found FREQ=NEVER/);
  assert.throws(
    () => starts({ repeat: "FREQ=SECONDLY" }, "2026-03-24T00:00Z", "2026-03-25T00:00Z"),
    /batch: expected at most 10000 occurrences/,
  );
});
