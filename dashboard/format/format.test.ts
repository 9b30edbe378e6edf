import assert from "node:assert/strict";
import { test } from "node:test";
import { axisQuantity, counted, percent, quantity, quantityOf } from "./quantity.ts";
import { localInstant, localTime, parseLocalInstant, relative, span, utcTime } from "./time.ts";

test("values have units people read, and what is not known is a dash", () => {
  assert.equal(quantity("cpu", 3.214), "3.21 cores");
  assert.equal(quantity("memory", 1.5 * 1024 ** 3), "1.5 GiB");
  assert.equal(quantity("network", 12 * 1024 ** 2), "12 MiB/s");
  assert.equal(quantity("requests", 1234), "1.23k requests/s");
  assert.equal(quantity("cpu", null), "–");
  assert.equal(quantity("cpu", Number.NaN), "–");
  assert.equal(axisQuantity("memory", 512), "512 B");
  assert.equal(quantityOf("joint", 2), "2");
  assert.equal(percent(0.934), "93 %");
  assert.equal(percent(null), "–");
  assert.equal(counted(1, "tick"), "1 tick");
  assert.equal(counted(2880, "tick"), "2,880 ticks");
  assert.equal(counted(2, "entry"), "2 entries");
  assert.equal(counted(2, "process"), "2 processes");
});

test("an instant is told by the reader's clocks, with the date unless it is today", () => {
  const now = Date.UTC(2026, 10, 24, 12) / 1000;
  assert.equal(localTime(now - 3600, now, "Europe/Berlin"), "12:00");
  assert.equal(localTime(now - 3600 + 5, now, "Europe/Berlin"), "12:00:05");
  assert.equal(localTime(now - 86_400, now, "Europe/Berlin"), "2026-11-23 13:00");
  assert.equal(localTime(now + 11.5 * 3600, now, "Europe/Berlin"), "2026-11-25 00:30");
  assert.equal(utcTime(now), "2026-11-24T12:00Z");
});

test("spans are told in the units that matter", () => {
  assert.deepEqual([0, 45, 720, 7200, 12_000, 86_400, 187_200].map(span), [
    "0 s",
    "45 s",
    "12 min",
    "2 h",
    "3 h 20 min",
    "1 d",
    "2 d 4 h",
  ]);
  assert.equal(relative(100, 112), "12 s ago");
  assert.equal(relative(7300, 100), "in 2 h");
});

test("an instant goes into a form and comes back to the minute; what is not whole is none", () => {
  const at = Date.UTC(2026, 10, 24, 8, 30) / 1000;
  assert.equal(parseLocalInstant(localInstant(at)), at);
  assert.equal(localInstant(at + 59), localInstant(at));
  assert.deepEqual([parseLocalInstant(""), parseLocalInstant("2026-11-24")], [undefined, undefined]);
});
