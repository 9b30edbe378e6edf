import assert from "node:assert/strict";
import { test } from "node:test";
import { levelShift } from "./level-shift.ts";

test("a shift is dated to the tick, whatever the noise before it did", () => {
  const shift = levelShift([103, 98, 104, 205, 198, 201, 196], new Array(7).fill(100));
  assert.equal(shift?.ticks, 4);
  assert.equal(shift?.ratio, 2);
});

test("gaps and zeros say nothing", () => {
  const shift = levelShift([100, Number.NaN, 50, 0, 50], [100, 100, 100, 100, 100]);
  assert.equal(shift?.ratio, 0.5);
  assert.equal(levelShift([Number.NaN, 0], [1, 1]), undefined);
  assert.equal(levelShift([], []), undefined);
});
