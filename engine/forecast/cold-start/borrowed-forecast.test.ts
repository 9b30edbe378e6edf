import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Forecast, type ForecasterOptions, pointAt } from "../forecast.port.ts";
import { createForecaster } from "../forecaster.ts";
import { daily } from "../synthetic.ts";
import { borrowedForecast, type Donor } from "./borrowed-forecast.ts";

const DAY = 96;
const OPTIONS: ForecasterOptions = {
  series: "cpu",
  step: 900,
  season: 86_400,
  levels: [0.1, 0.5, 0.99],
  horizons: [1, 4, 16, 48],
  tier: "fast",
  seed: 1,
  startsAt: 0,
};

function fed(values: readonly number[], startsAt = 0): Forecast {
  const forecaster = createForecaster({ ...OPTIONS, startsAt });
  for (const value of values) forecaster.update(value);
  return forecaster.forecast();
}

const long = [...daily(10 * DAY, DAY, 3)];
const donor: Donor = { workload: "web-eu", forecast: fed(long), recent: long.slice(-2 * DAY) };
const young = long.slice(-DAY / 4).map((value, i) => 0.4 * value * (1 + 0.05 * Math.sin(i)));
const own = fed(young, 9.75 * 86_400);

test("a workload without a past is forecast as the one it is like, in proportion, and marked as such", () => {
  assert.equal(donor.forecast.evidence.trusted, true, donor.forecast.evidence.reason);
  const forecast = borrowedForecast(own, young, [donor], DAY);
  assert.ok(forecast !== undefined);
  for (const ahead of OPTIONS.horizons) {
    const expected = 0.4 * pointAt(donor.forecast, ahead);
    assert.ok(Math.abs(pointAt(forecast, ahead) - expected) < 0.05 * expected);
  }
  assert.match(forecast.model, /like web-eu × 0\.4/);
  assert.match(forecast.fallbackFrom ?? "", /cold start/);
  assert.equal(forecast.evidence.scaleOutOnly, true);
  assert.match(forecast.evidence.reason, /never release/);
});

test("nothing is borrowed of one that is not trusted, is not alike, is too old, or was hardly seen together", () => {
  const untrusted = { ...donor, forecast: fed(long.slice(-DAY), 9 * 86_400) };
  assert.equal(borrowedForecast(own, young, [untrusted], DAY), undefined);
  const otherwise = young.map((value, i) => value * (i % 2 === 0 ? 1 : 5));
  assert.equal(borrowedForecast(own, otherwise, [donor], DAY), undefined);
  const old = { ...donor, forecast: { ...donor.forecast, issuedAt: donor.forecast.issuedAt - 3 * 900 } };
  assert.equal(borrowedForecast(own, young, [old], DAY), undefined);
  assert.equal(borrowedForecast(own, young.slice(-4), [donor], DAY), undefined);
  assert.equal(borrowedForecast(own, young, [], DAY), undefined);
});

test("of several the one that is most alike lends, also when its tick was not evaluated yet", () => {
  const rough = { ...donor, workload: "rough", recent: donor.recent.map((value, i) => value * (1 + (i % 2))) };
  const late = fed(long.slice(0, -1));
  const before: Donor = { workload: "late", forecast: late, recent: long.slice(0, -1) };
  assert.match(borrowedForecast(own, young, [rough, before], DAY)?.model ?? "", /like late × 0\.4/);
});

test("whatever the values, a borrowed forecast is finite, not negative, and its quantiles do not cross", () => {
  const value = fc.oneof(fc.double({ min: 0, max: 1e9, noNaN: true }), fc.constantFrom(Number.NaN, 0, 1e-300));
  fc.assert(
    fc.property(fc.array(value, { maxLength: 40 }), fc.array(value, { maxLength: 40 }), (mine, theirs) => {
      const forecast = borrowedForecast(own, mine, [{ ...donor, recent: theirs }], DAY);
      if (forecast === undefined) return;
      forecast.horizons.forEach((_, k) => {
        const column = forecast.values.map((row) => row[k]);
        assert.ok(column.every((one, l) => Number.isFinite(one) && one >= 0 && (l === 0 || one >= column[l - 1])));
      });
    }),
  );
});
