import assert from "node:assert/strict";
import { test } from "node:test";
import { type Forecast, levelAtLeast, pointAt, quantileAt, quantileMaximum, refusalBetween } from "./forecast.port.ts";

const forecast: Forecast = {
  series: "cpu",
  issuedAt: 600,
  step: 60,
  levels: [0.5, 0.99],
  horizons: [1, 3, 7],
  values: [Float64Array.of(10, 20, 12), Float64Array.of(15, 35, 11)],
  point: Float64Array.of(9, 19, 11),
  model: "naive",
  evidence: { trusted: false, reason: "", samples: 0, skill: Number.NaN, coverage: {}, historyDays: 0 },
};

test("a quantile between two horizons lies on the line between them", () => {
  assert.equal(quantileAt(forecast, 0.5, 2), 15);
  assert.equal(quantileAt(forecast, 0.99, 5), 23);
  assert.equal(pointAt(forecast, 3), 19);
});

test("outside the horizons the curve is level", () => {
  assert.equal(quantileAt(forecast, 0.5, 0), 10);
  assert.equal(quantileAt(forecast, 0.5, 100), 12);
});

test("the maximum sees peaks between its ends", () => {
  assert.equal(quantileMaximum(forecast, 0.99, 2, 6), 35);
  assert.equal(quantileMaximum(forecast, 0.99, 4, 6), 29);
});

test("a level that was not forecast is an error that names those that were", () => {
  assert.throws(() => quantileAt(forecast, 0.9, 1), /0\.5, 0\.99/);
  assert.equal(levelAtLeast(forecast, 0.9), 0.99);
  assert.equal(levelAtLeast(forecast, 0.999), 0.99);
});

test("what is read at a horizon or between two rests on those that are trusted", () => {
  const horizon = (ahead: number, trusted: boolean) => ({
    ahead,
    trusted,
    reason: `${ahead}`,
    samples: 1,
    skill: 0,
    coverage: {},
    since: 0,
  });
  const horizons = [horizon(1, true), horizon(3, true), horizon(7, false), horizon(12, true)];
  const evidence = { ...forecast.evidence, reason: "some", horizons };
  assert.equal(refusalBetween(evidence, 1, 3), undefined);
  assert.equal(refusalBetween(evidence, 0, 1), undefined);
  assert.equal(refusalBetween(evidence, 2, 4), "7");
  assert.equal(refusalBetween(evidence, 8, 9), "7");
  assert.equal(refusalBetween(evidence, 12, 40), undefined);
  assert.equal(refusalBetween({ ...evidence, trusted: true }, 2, 4), undefined);
  assert.equal(refusalBetween({ ...evidence, horizons: undefined }, 1, 1), "some");
});
