import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bestSteps, type Piece } from "./step-function.ts";

function areaOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { from, to, level }) => sum + (to - from) * level, 0);
}

/** Every way to cut the curve, tried. */
function bruteForce(curve: readonly number[], most: number, shortest: number): number {
  let best = Number.POSITIVE_INFINITY;
  const walk = (from: number, left: number, area: number) => {
    if (from === curve.length) best = Math.min(best, area);
    if (left === 0) return;
    for (let to = from + shortest; to <= curve.length; to++)
      walk(to, left - 1, area + Math.max(...curve.slice(from, to)) * (to - from));
  };
  walk(0, most, 0);
  return best;
}

test("no way of cutting the curve has a smaller area", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 9 }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 3 }),
      (curve, most, shortest) => {
        const pieces = bestSteps(curve, most, shortest);
        assert.equal(areaOf(pieces), bruteForce(curve, most, Math.min(shortest, curve.length)));
      },
    ),
    { numRuns: 500 },
  );
});

test("the steps cover the curve without gaps, stay above it, are few and long enough", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 7 }),
      (curve, most, shortest) => {
        const pieces = bestSteps(curve, most, shortest);
        assert.ok(pieces.length <= most);
        let at = 0;
        for (const { from, to, level } of pieces) {
          assert.equal(from, at);
          assert.ok(to - from >= Math.min(shortest, curve.length));
          for (let i = from; i < to; i++) assert.ok(level >= curve[i]);
          at = to;
        }
        assert.equal(at, curve.length);
      },
    ),
  );
});

test("a slot that counts for little is the first to be raised", () => {
  const levels = (weights: number[]) => bestSteps([1, 2, 9, 7], 3, 1, weights).map(({ level }) => level);
  assert.deepEqual(levels([1, 1, 1, 1]), [2, 9, 7]);
  assert.deepEqual(levels([1, 1, 0.1, 0.1]), [1, 2, 9]);
});

test("a flat curve is one step, however many are allowed", () => {
  assert.deepEqual(bestSteps([4, 4, 4, 4], 125), [{ from: 0, to: 4, level: 4 }]);
});

test("as many steps as the curve has levels are enough", () => {
  assert.deepEqual(bestSteps([1, 1, 5, 2, 2, 2], 125), [
    { from: 0, to: 2, level: 1 },
    { from: 2, to: 3, level: 5 },
    { from: 3, to: 6, level: 2 },
  ]);
});
