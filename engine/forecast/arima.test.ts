import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { ArimaFitter } from "./arima-fitter.port.ts";
import { createArimaFitter } from "./arima-fitter.ts";
import { parseSummary } from "./arima-summary.ts";
import { ArmaFilter, inadmissible } from "./arma-filter.ts";
import type { ForecasterOptions } from "./forecast.port.ts";
import { createForecaster } from "./forecaster.ts";
import { daily, randomNumbers } from "./synthetic.ts";

const DAY = 48;
const OPTIONS: ForecasterOptions = {
  series: "cpu",
  step: 1_800,
  season: 86_400,
  levels: [0.5, 0.99],
  horizons: [1, 4],
  tier: "balanced",
  seed: 1,
  startsAt: 0,
};

test("an AR(1) forecast decays to the mean by its coefficient", () => {
  const filter = new ArmaFilter();
  filter.use({ d: 0, ar: [0.5], ma: [], mean: 10 });
  filter.update(18);
  const out = new Float64Array(2);
  filter.forecast([1, 3], out);
  assert.deepEqual([...out], [14, 11]);
});

test("an IMA(1,1) is exponential smoothing", () => {
  const filter = new ArmaFilter();
  filter.use({ d: 1, ar: [], ma: [-0.6], mean: 0 });
  let smoothed = 3;
  for (const value of [3, 5, 4, 8, 2, 2, 9]) {
    filter.update(value);
    smoothed += 0.4 * (value - smoothed);
  }
  const out = new Float64Array(1);
  filter.forecast([5], out);
  assert.ok(Math.abs(out[0] - smoothed) < 1e-12);
});

test("coefficients that explode are refused", () => {
  assert.match(inadmissible({ d: 0, ar: [1.2], ma: [], mean: 0 })!, /not stationary/);
  assert.match(inadmissible({ d: 0, ar: [0.5, 0.6], ma: [], mean: 0 })!, /not stationary/);
  assert.match(inadmissible({ d: 1, ar: [], ma: [12.6], mean: 0 })!, /not invertible/);
  assert.equal(inadmissible({ d: 0, ar: [1.73, -0.746], ma: [-0.589], mean: 0 }), undefined);
});

test("a summary is read with its order, and a coefficient that is none is NaN", () => {
  const text = "SARIMAX summary: \nARIMA Seasonal Order : ( 1, 1, 1) * (0, 0, 0) \nAR1   -nan   -nan\nMA1   0.2  0.1\n";
  assert.deepEqual(parseSummary(text), { d: 1, ar: [Number.NaN], ma: [-0.2], mean: 0 });
  assert.deepEqual(parseSummary(text.replace("-nan ", "0.4 ")), { d: 1, ar: [0.4], ma: [-0.2], mean: 0 });
  assert.throws(() => parseSummary("no model"), /expected a summary with its order/);
});

test("the worker finds the coefficient that made a series, and is used again", async (t) => {
  const fitter = createArimaFitter({ budget: 60_000 });
  t.after(() => fitter.close());
  const random = randomNumbers(4);
  let value = 0;
  const series = Float64Array.from({ length: 400 }, () => {
    value = 0.8 * value + random() + random() - 1;
    return value;
  });
  for (let i = 0; i < 2; i++) {
    const { d, ar, ma } = await fitter.fit(() => ({ series }));
    const filter = new ArmaFilter();
    filter.use({ d, ar, ma, mean: 0 });
    filter.update(1);
    const out = new Float64Array(1);
    filter.forecast([1], out);
    assert.ok(Math.abs(out[0] - 0.8) < 0.2, `${out[0]}`);
  }
});

test("a fit over its time budget is given up", async (t) => {
  const fitter = createArimaFitter({ budget: 1 });
  t.after(() => fitter.close());
  await assert.rejects(
    fitter.fit(() => ({ series: new Float64Array(1_000).map((_, i) => i % 7) })),
    /no fit within 1 ms/,
  );
});

test("more values than the package bears, or a gap, never reach it", async (t) => {
  const fitter = createArimaFitter();
  t.after(() => fitter.close());
  await assert.rejects(
    fitter.fit(() => ({ series: new Float64Array(8_001) })),
    /at most 8000/,
  );
  await assert.rejects(
    fitter.fit(() => ({ series: Float64Array.of(1, Number.NaN) })),
    RangeError,
  );
});

async function fed(fitter: ArimaFitter | undefined) {
  const forecaster = createForecaster(OPTIONS, { arima: fitter });
  for (const value of daily(10 * DAY, DAY, 3)) {
    forecaster.update(value);
    await turn();
  }
  return forecaster;
}

test("ARIMA takes part once its fit has arrived", async () => {
  const fit = async () => ({ d: 0, ar: [0.9], ma: [], mean: 0 });
  const { model, fallbackFrom } = (await fed({ fit, close: async () => {} })).forecast();
  assert.match(model, /arima/);
  assert.equal(fallbackFrom, undefined);
});

test("without ARIMA the ensemble goes on and says so", async () => {
  const fit = () => Promise.reject(new Error("arima: no fit within 5 ms"));
  const failing = (await fed({ fit, close: async () => {} })).forecast();
  assert.equal(failing.model, "ensemble(naive, seasonal naive, ewma profile, seasonal ar 0.5, seasonal ar 4)");
  assert.equal(failing.fallbackFrom, "arima: no fit within 5 ms");
  const none = (await fed(undefined)).forecast();
  assert.equal(none.fallbackFrom, "arima: no fitter was given");
  assert.deepEqual(none.point, failing.point);
});
