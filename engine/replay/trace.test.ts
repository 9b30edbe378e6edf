import assert from "node:assert/strict";
import { test } from "node:test";
import { parseTrace } from "./trace.ts";

const refused = (text: string, message: RegExp) =>
  assert.throws(() => parseTrace(text, "web.csv"), { name: "InputError", message });

test("columns become the series that are forecast", () => {
  const trace = parseTrace(
    "timestamp,cpu,disk_read,disk_write,network_receive,network_transmit\n0,1,2,3,4,5\n60,6,7,8,9,8\n",
    "web.csv",
  );
  assert.deepEqual([trace.startsAt, trace.step, trace.ticks], [0, 60, 2]);
  assert.deepEqual(Object.fromEntries([...trace.series].map(([name, values]) => [name, [...values]])), {
    cpu: [1, 6],
    disk: [5, 15],
    network: [5, 9],
  });
});

test("timestamps may be ISO 8601, and lines may end as on Windows", () => {
  const trace = parseTrace("timestamp,cpu\r\n2026-11-24T08:00Z,1\r\n2026-11-24T08:05Z,2\r\n", "web.csv");
  assert.deepEqual([trace.startsAt, trace.step], [Date.UTC(2026, 10, 24, 8) / 1000, 300]);
});

test("a gap stays a gap, whether the row is missing or its field", () => {
  const trace = parseTrace("timestamp,cpu\n0,1\n60,\n120,NaN\n300,5\n", "web.csv");
  assert.deepEqual([...trace.series.get("cpu")!], [1, Number.NaN, Number.NaN, Number.NaN, Number.NaN, 5]);
});

test("a row that is not later than the one before is refused with both lines", () => {
  refused("timestamp,cpu\n0,1\n60,2\n60,3\n", /web\.csv:4: timestamp: expected later than .* of line 3/);
  refused("timestamp,cpu\n0,1\n60,2\n30,3\n", /web\.csv:4: timestamp: expected later than/);
});

test("what is wrong is named with file, line, column and what was expected", () => {
  refused("", /web\.csv:1: expected timestamp and any of cpu/);
  refused("time,cpu\n0,1\n", /web\.csv:1: expected timestamp/);
  refused("timestamp\n0\n60\n", /web\.csv:1: expected timestamp and any of/);
  refused("timestamp,load\n0,1\n", /web\.csv:1: load: expected timestamp and any of cpu/);
  refused("timestamp,cpu,cpu\n0,1,1\n", /web\.csv:1: cpu: expected each column once/);
  refused("timestamp,cpu\n0,1\nnoon,2\n", /web\.csv:3: timestamp: expected epoch seconds or ISO 8601, found "noon"/);
  refused("timestamp,cpu\n0,1\n60,lots\n", /web\.csv:3: cpu: expected a number of at least 0/);
  refused("timestamp,cpu\n0,1\n60,-2\n", /web\.csv:3: cpu: expected a number of at least 0/);
  refused("timestamp,cpu\n0,1\n60,Infinity\n", /web\.csv:3: cpu: expected a number of at least 0/);
  refused("timestamp,cpu\n0,1\n60\n", /web\.csv:3: expected 2 fields/);
  refused("timestamp,cpu\n0,1\n", /web\.csv: expected at least two rows/);
  refused("timestamp,cpu\n0,1\n60,2\n150,3\n", /web\.csv:4: timestamp: expected a whole number of steps of 60 s/);
});

test("a grid that would be longer than memory is refused", () => {
  refused("timestamp,cpu\n0,1\n1,2\n4000000000,3\n", /web\.csv: timestamp: expected at most 1100000 ticks/);
});
