import assert from "node:assert/strict";
import { test } from "node:test";
import { type Correction, corrected, withCorrection } from "./correction.ts";

const UP: Correction = { series: "cpu", until: 100, factor: 2 };

test("a level that went up and came back leaves the past as it was, and the time between on today's level", () => {
  const both = withCorrection([UP], { series: "cpu", until: 200, factor: 0.5 }, 0);
  assert.equal(corrected(10, 90, "cpu", both), 10);
  assert.equal(corrected(20, 150, "cpu", both), 10);
  assert.equal(corrected(10, 250, "cpu", both), 10);
});

test("a correction is of its series alone, and a gap stays one", () => {
  assert.equal(corrected(10, 90, "memory", [UP]), 10);
  assert.ok(Number.isNaN(corrected(Number.NaN, 90, "cpu", [UP])));
});

test("after a drift what is too old is not taught", () => {
  const drift: Correction = { series: "cpu", until: 500, factor: 1, from: 300 };
  assert.ok(Number.isNaN(corrected(10, 300, "cpu", [drift])));
  assert.equal(corrected(10, 301, "cpu", [drift]), 10);
});

test("corrections are bounded, and those older than what is taught are dropped", () => {
  let all: readonly Correction[] = [{ series: "memory", until: 1, factor: 3 }];
  for (let i = 1; i <= 40; i++) all = withCorrection(all, { series: "cpu", until: i, factor: 1.5 }, 5);
  assert.equal(all.filter(({ series }) => series === "cpu").length, 20);
  assert.equal(all.filter(({ series }) => series === "memory").length, 1);
  assert.equal(withCorrection([UP], { series: "cpu", until: 900, factor: 2 }, 400).length, 1);
});
