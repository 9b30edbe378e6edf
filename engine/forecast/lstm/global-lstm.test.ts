import assert from "node:assert/strict";
import { test } from "node:test";
import type { ForecasterOptions } from "../forecast.port.ts";
import { createForecaster } from "../forecaster.ts";
import { History } from "../history.ts";
import { daily, randomNumbers } from "../synthetic.ts";
import { GlobalLstm } from "./global-lstm.ts";
import type { GlobalModel, GlobalModelSource } from "./global-model.port.ts";
import { INPUTS, REGRESSORS, writeInputs, writeRegressors } from "./inputs.ts";
import { createGlobalModel } from "./model-file.ts";
import { canonicalHorizons, initialParameters } from "./network.ts";
import { RecordedPast } from "./recorded-past.ts";
import { SeriesPast } from "./series-past.ts";

const DAY = 96;
const STEP = 900;
const HORIZONS = [1, 3, 12];
const VALUES = [...daily(5 * DAY, DAY, 2)];
VALUES[3 * DAY + 5] = Number.NaN;

function model(seed: number, season = DAY): GlobalModel {
  const shape = { step: STEP, season, horizons: canonicalHorizons(season) };
  const parameters = initialParameters(shape, randomNumbers(seed));
  return createGlobalModel(shape, parameters, { at: 0, series: 1, ticks: 1, loss: 0, naiveLoss: 1 });
}

function follow(
  source: GlobalModelSource,
  values: readonly number[],
  lstm?: GlobalLstm,
  history = new History(DAY, 12),
) {
  const followed = lstm ?? new GlobalLstm(history, HORIZONS, source, STEP);
  for (const value of values) {
    history.push(history.admit(value));
    followed.update();
  }
  return { lstm: followed, history, points: forecast(followed) };
}

function forecast(lstm: GlobalLstm): Float64Array {
  const out = new Float64Array(HORIZONS.length);
  lstm.forecast(out);
  return out;
}

test("without a trained model it is absent and says why", () => {
  const { lstm, points } = follow({ current: undefined, absence: "no trained model yet" }, VALUES);
  assert.ok(points.every(Number.isNaN));
  assert.equal(lstm.failure, "lstm: no trained model yet");
});

test("a model for another season is not used", () => {
  const { lstm, points } = follow({ current: model(1, 48), absence: "" }, VALUES);
  assert.ok(points.every(Number.isNaN));
  assert.match(lstm.failure ?? "", /is for 48 ticks of 900 s a season, this series has 96 of 900 s/);
});

test("with a model it forecasts finite numbers once a season has passed", () => {
  const source = { current: model(1), absence: "" };
  assert.ok(follow(source, VALUES.slice(0, DAY)).points.every(Number.isNaN));
  const { lstm, points } = follow(source, VALUES.slice(0, 2 * DAY));
  assert.equal(lstm.failure, undefined);
  for (const point of points) assert.ok(point >= 0 && point < 1_000, `${point}`);
});

test("a model that comes later is taken over with what was seen lately", () => {
  const source: { current: GlobalModel | undefined; absence: string } = { current: undefined, absence: "none" };
  const early = follow({ current: model(1), absence: "" }, VALUES);
  const { lstm, history } = follow(source, VALUES.slice(0, -1));
  source.current = model(1);
  const late = follow(source, VALUES.slice(-1), lstm, history);
  // A state of 96 ticks has all but forgotten what lies before.
  late.points.forEach((point, k) => {
    assert.ok(Math.abs(point - early.points[k]) < 1e-4 * early.points[k], `${point}, expected ${early.points[k]}`);
  });
});

test("several series under one model do not disturb each other", () => {
  const source = { current: model(1), absence: "" };
  const alone = follow(source, VALUES).points;
  const other = [...daily(5 * DAY, DAY, 9)];
  const [a, b] = [new History(DAY, 12), new History(DAY, 12)];
  const both = [new GlobalLstm(a, HORIZONS, source, STEP), new GlobalLstm(b, HORIZONS, source, STEP)];
  VALUES.forEach((value, t) => {
    a.push(a.admit(value));
    both[0].update();
    b.push(b.admit(other[t]));
    both[1].update();
  });
  assert.deepEqual(forecast(both[0]), alone);
});

test("in the ensemble it is named, survives a restart to the byte, and its absence is told", () => {
  const options: ForecasterOptions = {
    series: "cpu",
    step: STEP,
    season: STEP * DAY,
    levels: [0.5, 0.9],
    horizons: HORIZONS,
    tier: "fast",
    models: ["seasonal naive", "lstm"],
    seed: 1,
    startsAt: 0,
  };
  const parts = { globalModel: { current: model(1), absence: "" } };
  const whole = createForecaster(options, parts);
  const first = createForecaster(options, parts);
  const second = createForecaster(options, parts);
  VALUES.forEach((value, t) => {
    whole.update(value);
    if (t === 3 * DAY) second.restore(JSON.parse(JSON.stringify(first.snapshot())));
    (t < 3 * DAY ? first : second).update(value);
  });
  assert.equal(whole.forecast().model, "ensemble(seasonal naive, lstm)");
  assert.deepEqual(second.forecast(), whole.forecast());
  const cold = createForecaster(options, { globalModel: { current: undefined, absence: "no trained model yet" } });
  for (const value of VALUES) cold.update(value);
  assert.equal(cold.forecast().model, "seasonal naive");
  assert.equal(cold.forecast().fallbackFrom, "lstm: no trained model yet");
});

test("training sees what a forecaster would have seen at that tick", () => {
  const recorded = new RecordedPast(Float64Array.from(VALUES), DAY);
  const history = new History(DAY, 12);
  const live = new SeriesPast(history);
  const [one, two] = [new Float32Array(INPUTS), new Float32Array(INPUTS)];
  const [here, there] = [new Float32Array(REGRESSORS), new Float32Array(REGRESSORS)];
  VALUES.forEach((value, tick) => {
    history.push(history.admit(value));
    live.update();
    if (tick < recorded.first || tick > VALUES.length - 13) return;
    writeInputs(live, DAY, tick, one, 0);
    writeInputs(recorded, DAY, tick, two, 0);
    near(one, two, tick);
    for (const ahead of HORIZONS) {
      writeRegressors(live, DAY, tick, ahead, here, 0);
      writeRegressors(recorded, DAY, tick, ahead, there, 0);
      near(here, there, tick);
    }
  });
  assert.ok(recorded.first > DAY && recorded.first < 2 * DAY);
});

function near(a: Float32Array, b: Float32Array, tick: number): void {
  a.forEach((value, i) => {
    assert.ok(Math.abs(value - b[i]) < 1e-4 * (1 + Math.abs(value)), `tick ${tick}, number ${i}: ${value}, ${b[i]}`);
  });
}
