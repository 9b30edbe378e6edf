import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { residualOf } from "./residual.ts";
import { flatForecast } from "./series.fixture.ts";

test("a residual is scaled by the spread that the forecast claims", () => {
  const residual = residualOf(flatForecast(100, 5), 1, 115, 100);
  assert.ok(residual);
  assert.ok(Math.abs(residual.score - 3) < 1e-9, `${residual.score}`);
  assert.equal(residual.expected, 100);
});

test("a forecast without spread is not infinitely sure: two per cent of the level are no error", () => {
  const score = residualOf(flatForecast(100, 0), 1, 104, 100)?.score ?? 0;
  assert.ok(Math.abs(score - 2) < 1e-6, `${score}`);
  const none = residualOf(flatForecast(0, 0), 1, 0, 0);
  assert.equal(none?.score, 0);
});

test("a gap, a negative value and garbage have no residual", () => {
  for (const value of [Number.NaN, -1, Number.POSITIVE_INFINITY, 1e200])
    assert.equal(residualOf(flatForecast(100, 5), 1, value, 100), undefined);
});

test("whatever comes, what is shown is finite", () => {
  const any = fc.oneof(fc.double(), fc.constantFrom(0, 5e-324, 1e99, 1e308));
  fc.assert(
    fc.property(any, any, any, any, (point, spread, value, usual) => {
      const residual = residualOf(flatForecast(point, spread), 1, value, usual);
      if (residual === undefined) return;
      const { value: came, expected, scale, score } = residual;
      for (const number of [came, expected, scale, score]) assert.ok(Number.isFinite(number), `${number}`);
      assert.ok(scale > 0);
    }),
  );
});
