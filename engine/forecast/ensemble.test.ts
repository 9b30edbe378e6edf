import assert from "node:assert/strict";
import { test } from "node:test";
import { Ensemble } from "./ensemble.ts";

function run(errors: readonly (readonly number[])[], issued: readonly number[]): number {
  const ensemble = new Ensemble([1], issued.length, 10);
  const out = new Float64Array(1);
  errors.forEach((row, tick) => {
    ensemble.score(tick, 0);
    ensemble.combine(
      tick,
      row.map((e) => Float64Array.of(e)),
      out,
    );
  });
  ensemble.score(errors.length, 0);
  ensemble.combine(
    errors.length,
    issued.map((value) => Float64Array.of(value)),
    out,
  );
  return out[0];
}

test("the model that was right lately is followed", () => {
  const forecast = run(new Array(20).fill([1, 5]), [10, 20]);
  assert.ok(Math.abs(forecast - 10) < 0.01, `${forecast}`);
});

test("models that are equally good share the weight", () => {
  assert.ok(Math.abs(run(new Array(20).fill([1, -1]), [10, 20]) - 15) < 1e-9);
});

test("a model that says nothing has no part, and none at all is NaN", () => {
  assert.equal(run([[1, Number.NaN]], [10, Number.NaN]), 10);
  assert.ok(Number.isNaN(run([[1, 1]], [Number.NaN, Number.NaN])));
});

test("models without an error are followed alone", () => {
  assert.equal(run(new Array(5).fill([0, 1]), [10, 20]), 10);
});
