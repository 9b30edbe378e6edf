import assert from "node:assert/strict";
import { test } from "node:test";
import { NormalEquations } from "./normal-equations.ts";

test("exact data give back the coefficients that made them", () => {
  const equations = new NormalEquations(3);
  for (let i = 0; i < 20; i++) {
    const row = Float64Array.of(1, i % 5, i % 7);
    equations.add(row, 4 - 2 * row[1] + 0.5 * row[2], 1, 1);
  }
  const out = new Float64Array(3);
  assert.equal(equations.solve(out, 1e-12), true);
  assert.deepEqual(
    [...out].map((c) => c.toFixed(6)),
    ["4.000000", "-2.000000", "0.500000"],
  );
});

test("what is forgotten no longer counts", () => {
  const equations = new NormalEquations(1);
  for (let i = 0; i < 50; i++) equations.add(Float64Array.of(1), 10, 1, 0.5);
  for (let i = 0; i < 50; i++) equations.add(Float64Array.of(1), 20, 1, 0.5);
  const out = new Float64Array(1);
  equations.solve(out, 0);
  assert.ok(Math.abs(out[0] - 20) < 1e-9);
});

test("without a solution the coefficients stay as they were", () => {
  const equations = new NormalEquations(2);
  equations.add(Float64Array.of(1, 1), 3, 1, 1);
  const out = Float64Array.of(7, 8);
  assert.equal(equations.solve(out, 0), false);
  assert.deepEqual([...out], [7, 8]);
});
