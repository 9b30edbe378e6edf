import assert from "node:assert/strict";
import { test } from "node:test";
import { correctionFor, judge, verdict } from "./recalibration.ts";
import { DAY, flatForecast, STEP } from "./series.fixture.ts";
import { type Change, SeriesWatch } from "./series-watch.ts";

const SHIFT: Change = { series: "cpu", cause: "level shift", ticks: 6, ratio: 2, former: 0.05, present: 0.5 };
const SEASON = DAY * STEP;

/** A watch whose forecasts were off by a share of the demand. */
function offBy(share: number): SeriesWatch {
  const watch = new SeriesWatch("cpu", DAY);
  for (let i = 0; i < 60; i++) watch.learn(100, flatForecast(100 * (1 + share), 5));
  return watch;
}

test("a shift of the level scales the past before it, a drift leaves out the older past", () => {
  assert.deepEqual(correctionFor(SHIFT, 6000, STEP, SEASON), { series: "cpu", until: 6000 - 6 * STEP, factor: 2 });
  const at = 30 * SEASON;
  const drift = correctionFor({ ...SHIFT, cause: "drift" }, at, STEP, SEASON);
  assert.deepEqual(drift, { series: "cpu", until: at, factor: 1, from: at - 3 * SEASON });
});

test("a small shift, one that is usual for the series, and one whose size is not known are left to the models", () => {
  assert.equal(correctionFor({ ...SHIFT, ratio: 1.2 }, 6000, STEP, SEASON), undefined);
  assert.equal(correctionFor({ ...SHIFT, former: 0.4 }, 6000, STEP, SEASON), undefined);
  assert.equal(correctionFor({ ...SHIFT, ratio: undefined }, 6000, STEP, SEASON), undefined);
  assert.equal(correctionFor({ ...SHIFT, present: 0.06 }, 6000, STEP, SEASON), undefined);
});

test("the new forecaster takes over only where it is clearly better, and both errors are told", () => {
  const correction = correctionFor(SHIFT, 6000, STEP, SEASON)!;
  const good = judge(SHIFT, correction, offBy(0.05));
  assert.equal(good.better, true);
  assert.ok(Math.abs(good.recalibration.after - 0.05) < 1e-9);
  assert.equal(good.recalibration.present, 0.5);
  assert.equal(judge(SHIFT, correction, offBy(0.45)).better, false);
});

test("the displaced forecaster speaks again once it is clearly better, and is forgotten after half a day", () => {
  const early = 3;
  assert.equal(verdict(offBy(0.05), offBy(0.5), early, DAY), undefined);
  assert.equal(verdict(offBy(0.05), offBy(0.5), 30, DAY), "rival");
  assert.equal(verdict(offBy(0.4), offBy(0.5), 30, DAY), undefined);
  assert.equal(verdict(offBy(0.4), offBy(0.5), DAY, DAY), "present");
});
