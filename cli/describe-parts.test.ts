import assert from "node:assert/strict";
import { test } from "node:test";
import { partsSentence, partsTable } from "./describe-parts.ts";

const PARTS = {
  at: Date.UTC(2026, 10, 24, 8) / 1000,
  level: 4,
  trend: 0,
  daily: 1.5,
  weekly: -0.5,
  event: 10,
  recent: 0.01,
  point: 15.01,
  margin: 2,
  quantile: 17.01,
};

test("a table of parts reads from the level to the number that decides", () => {
  const [header, row] = partsTable([PARTS]);
  assert.deepEqual(header.split(/ {2,}/).slice(1), [
    "until",
    "level",
    "trend",
    "time of day",
    "time of week",
    "events",
    "lately",
    "= forecast",
    "+ margin",
    "= decides",
  ]);
  assert.deepEqual(row.trim().split(/ +/), [
    "2026-11-24T08:00Z",
    "4",
    "+0",
    "+1.5",
    "−0.5",
    "+10",
    "+0.01",
    "15",
    "+2",
    "17",
  ]);
});

test("a sentence leaves out what adds nothing", () => {
  assert.equal(
    partsSentence(PARTS),
    "15 forecast for 2026-11-24T08:00Z = level 4, time of day +1.5, time of week −0.5, events +10; with the margin 17",
  );
});
