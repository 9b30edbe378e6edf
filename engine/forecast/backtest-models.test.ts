import assert from "node:assert/strict";
import { test } from "node:test";
import type { ArimaFitter } from "./arima-fitter.port.ts";
import { fitArma } from "./arma-fit.ts";
import { type Backtested, backtestModel, type ModelBacktest } from "./backtest-models.ts";
import type { ProphetFitter } from "./prophet/prophet-fitter.port.ts";
import { SharedDesigns } from "./prophet/shared-designs.ts";
import { daily } from "./synthetic.ts";

const DAY = 48;
const START = { d: 0, ar: [0], ma: [], mean: 0 };
const designs = new SharedDesigns();
/** Fitters that answer on this thread, a turn later. */
const arima: ArimaFitter = {
  fit: async (request) => {
    const { series, known } = request();
    return fitArma(series, known ?? START);
  },
  close: async () => {},
};
const prophet: ProphetFitter = { fit: async (request) => designs.fit(request()), close: async () => {} };

/** A clock that goes on by a millisecond whenever it is read. */
function counting(): () => number {
  let time = 0;
  return () => time++;
}

function run(name: Backtested, change: Partial<ModelBacktest> = {}) {
  return backtestModel(name, {
    values: Float64Array.from(daily(12 * DAY, DAY, 5)),
    startsAt: 0,
    step: 1_800,
    season: 86_400,
    from: 8 * DAY,
    horizons: [1, 4],
    levels: [0.5, 0.99],
    tier: "accurate",
    parts: { arima, prophet },
    clock: counting(),
    ...change,
  });
}

test("each model is measured at each horizon, with what its fits and its forecasts took", async () => {
  const naive = await run("naive");
  assert.ok(typeof naive !== "string");
  assert.deepEqual([...naive.keys()], [1, 4]);
  const { mase, smape, pinball, coverage, msPerFit, msPerForecast } = naive.get(1)!;
  assert.ok(mase > 0.2 && mase < 3 && smape > 0, `${mase}`);
  assert.deepEqual(
    [Object.keys(pinball), Object.keys(coverage)],
    [
      ["0.5", "0.99"],
      ["0.5", "0.99"],
    ],
  );
  assert.deepEqual([msPerFit, msPerForecast], [0, 1]);
  for (const name of ["arima", "prophet", "seasonal ar", "ensemble"] as const) {
    const fitted = await run(name);
    assert.ok(typeof fitted !== "string" && fitted.get(1)!.msPerFit > 0, name);
  }
});

test("a backtest waits for fits, so that the same series gives the same figures", async () => {
  const slow: ProphetFitter = {
    fit: (request) => new Promise((resolve) => setTimeout(() => resolve(designs.fit(request())), 2)),
    close: async () => {},
  };
  const figures = async (fitter: ProphetFitter) => {
    const result = await run("prophet", { parts: { prophet: fitter } });
    return typeof result === "string" ? result : [result.get(1)!.mase, result.get(4)!.mase];
  };
  assert.deepEqual(await figures(slow), await figures(prophet));
});

test("a model that had nothing to say gives the reason and no figures", async () => {
  assert.equal(await run("arima", { parts: {} }), "arima: no fitter was given");
  const failing: ArimaFitter = { fit: () => Promise.reject(new Error("arima: no luck")), close: async () => {} };
  assert.equal(await run("arima", { parts: { arima: failing } }), "arima: no luck");
});
