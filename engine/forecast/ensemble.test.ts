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

test("after a re-weighting those that are right from then on are followed within a few ticks", () => {
  const after = (reweighed: boolean) => {
    const ensemble = new Ensemble([1], 2, 1_000);
    const out = new Float64Array(1);
    // The first is right for long, and the second for twenty ticks since.
    for (let tick = 0; tick < 520; tick++) {
      ensemble.score(tick, 0);
      if (reweighed && tick === 500) ensemble.reweigh(tick);
      const issued = tick < 500 ? [1, 2] : [2, 1];
      ensemble.combine(
        tick,
        issued.map((value) => Float64Array.of(value)),
        out,
      );
    }
    ensemble.score(520, 0);
    ensemble.combine(520, [Float64Array.of(10), Float64Array.of(20)], out);
    return out[0];
  };
  assert.ok(after(false) < 10.1, `${after(false)}`);
  assert.ok(after(true) > 17, `${after(true)}`);
});
