import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Forecast, ForecasterOptions } from "./forecast.port.ts";
import { createForecaster } from "./forecaster.ts";
import { daily, randomNumbers } from "./synthetic.ts";

const OPTIONS: ForecasterOptions = {
  series: "cpu",
  step: 300,
  season: 86_400,
  levels: [0.5, 0.9, 0.99],
  horizons: [1, 2, 6, 12],
  tier: "fast",
  seed: 1,
  startsAt: 1_000_000,
};
const DAY = 288;

function fed(values: Iterable<number>, options = OPTIONS) {
  const forecaster = createForecaster(options);
  for (const value of values) forecaster.update(value);
  return forecaster;
}

function assertSound(forecast: Forecast) {
  for (const value of forecast.point) assert.ok(Number.isFinite(value) && value >= 0, `point ${value}`);
  forecast.values.forEach((row, l) => {
    row.forEach((value, k) => {
      assert.ok(Number.isFinite(value) && value >= 0, `quantile ${value}`);
      if (l > 0) assert.ok(value >= forecast.values[l - 1][k], "quantiles do not cross");
    });
  });
}

test("a daily pattern is learnt, trusted, and covered as claimed", () => {
  const values = [...daily(14 * DAY, DAY, 7)];
  const forecaster = createForecaster(OPTIONS);
  let error = 0;
  let under = 0;
  let count = 0;
  values.forEach((value, t) => {
    forecaster.update(value);
    if (t < 7 * DAY || t + 12 >= values.length) return;
    const { point, values: quantiles } = forecaster.forecast();
    error += Math.abs(values[t + 12] - point[3]);
    if (values[t + 12] <= quantiles[2][3]) under++;
    count++;
  });
  let repeat = 0;
  for (let t = 7 * DAY; t < values.length; t++)
    repeat += Math.abs(values[t] - values[t - DAY]) / (values.length - 7 * DAY);
  const { evidence } = forecaster.forecast();
  assert.ok(error / count < 0.85 * repeat, `error ${error / count}, of seasonal naive ${repeat}`);
  assert.ok(under / count > 0.975 && under / count < 0.998, `coverage ${under / count}`);
  assert.equal(evidence.trusted, true, evidence.reason);
  assert.ok(evidence.skill > 0);
});

test("white noise is never trusted, whatever the seed", () => {
  const options: ForecasterOptions = {
    ...OPTIONS,
    step: 3_600,
    horizons: [1, 2],
    models: ["naive", "seasonal naive", "ewma profile"],
  };
  for (let seed = 1; seed <= 60; seed++) {
    const random = randomNumbers(seed);
    const forecaster = createForecaster(options);
    for (let t = 0; t < 40 * 24; t++) {
      forecaster.update(100 + 40 * random());
      if (t % 4 !== 0) continue;
      const { horizons } = forecaster.forecast().evidence;
      for (const { ahead, trusted } of horizons!)
        assert.equal(trusted, false, `seed ${seed}, tick ${t}, ${ahead} ahead`);
    }
    const { reason, since } = forecaster.forecast().evidence;
    assert.match(reason, /no skill/);
    assert.equal(since, OPTIONS.startsAt);
  }
});

/** Noise of which a tick tells the next, and nothing of the day after. */
function wandering(ticks: number, seed: number): number[] {
  const random = randomNumbers(seed);
  let off = 0;
  return Array.from({ length: ticks }, () => {
    off = 0.85 * off + random() - 0.5;
    return 100 + 20 * off;
  });
}

test("trust is given horizon by horizon, by the levels that decisions act on", () => {
  const options = { ...OPTIONS, step: 3_600, horizons: [1, 20], decisiveWithin: 20 };
  const values = wandering(60 * 24, 4);
  const { trusted, reason, horizons } = fed(values, options).forecast().evidence;
  assert.equal(trusted, false);
  assert.deepEqual(
    horizons!.map((one) => [one.ahead, one.trusted]),
    [
      [1, true],
      [20, false],
    ],
  );
  assert.match(reason, /^trusted at 1 of 2 horizons: no skill over .* at 20 ticks ahead$/);
  assert.ok(horizons![0].skill > 0.1 && horizons![0].samples > 1_000);
  assert.deepEqual(Object.keys(horizons![0].coverage), ["0.9", "0.99"]);
  const some = fed(values, { ...options, decisiveLevels: [0.9] }).forecast().evidence.horizons!;
  assert.deepEqual(Object.keys(some[0].coverage), ["0.9"]);
});

test("it is said since when a series is trusted, and since when not", () => {
  const forecaster = createForecaster(OPTIONS);
  let trusted: boolean = false;
  let changed = OPTIONS.startsAt;
  for (const value of daily(8 * DAY, DAY, 7)) {
    forecaster.update(value);
    const { issuedAt, evidence } = forecaster.forecast();
    if (evidence.trusted !== trusted) changed = issuedAt;
    trusted = evidence.trusted;
    assert.equal(evidence.since, changed);
  }
  assert.equal(trusted, true);
});

test("under two days of history nothing is trusted, and it says why", () => {
  const { evidence } = fed(daily(1.5 * DAY, DAY, 3)).forecast();
  assert.equal(evidence.trusted, false);
  assert.match(evidence.reason, /cold start: 1\.5 days of history/);
});

test("a gap moves time on and teaches nothing", () => {
  const values = [...daily(10 * DAY, DAY, 5)];
  const forecaster = fed(values.slice(0, 9 * DAY));
  for (let t = 0; t < DAY / 2; t++) forecaster.update(Number.NaN);
  const forecast = forecaster.forecast();
  assert.equal(forecast.issuedAt, OPTIONS.startsAt + 9.5 * 86_400);
  assert.equal(forecast.evidence.historyDays, 9);
  const expected = values[9.5 * DAY];
  assert.ok(
    Math.abs(forecast.point[0] - expected) < 0.35 * expected,
    `${forecast.point[0]}, expected about ${expected}`,
  );
  assert.match(forecast.evidence.reason, /missing/);
});

test("a constant series is forecast as itself", () => {
  const { point, values } = fed(new Array(3 * DAY).fill(42)).forecast();
  for (const value of [...point, ...values[2]]) assert.ok(Math.abs(value - 42) < 0.5, `${value}`);
});

test("zeros, one point, and nothing at all give finite numbers", () => {
  for (const values of [
    [],
    [7],
    new Array(3 * DAY).fill(0),
    [...new Array(2 * DAY).fill(0), ...new Array(DAY).fill(3)],
  ])
    assertSound(fed(values).forecast());
});

test("after a past of zeros, as of a volume that is not there yet, no forecast leaves what was seen", () => {
  for (const first of [4096, 8e9]) {
    const forecaster = fed(new Array(3 * DAY).fill(0));
    for (let t = 0; t < 1.5 * DAY; t++) {
      forecaster.update(t < 3 ? first : 8e9 + 1e5 * t);
      for (const row of forecaster.forecast().values)
        for (const value of row) assert.ok(value <= 4.1 * Math.max(first, t < 3 ? 0 : 8.1e9), `${value} at tick ${t}`);
    }
    const { point, values } = forecaster.forecast();
    assert.ok(Math.abs(point[0] - 8e9) < 8e8, `${point[0]}`);
    assert.ok(values[2][3] < 1.6e10, `${values[2][3]}`);
  }
});

test("whatever comes in, what goes out is finite, not negative, and quantiles do not cross", () => {
  const absurd = fc.oneof(
    fc.double(),
    fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -1, 1e300, 5e-324, 1e99),
    fc.double({ min: 0, max: 100, noNaN: true }),
  );
  const options = { ...OPTIONS, season: 12 * 300, horizons: [1, 3, 12, 30] };
  fc.assert(
    fc.property(fc.array(absurd, { maxLength: 150 }), (values) => {
      const forecaster = createForecaster(options);
      for (const value of values) {
        forecaster.update(value);
        assertSound(forecaster.forecast());
      }
    }),
    { numRuns: 60 },
  );
});

test("the same input gives the same bytes, also over a restart in the middle", () => {
  const values = [...daily(5 * DAY, DAY, 9)];
  values[100] = Number.NaN;
  const whole = fed(values);
  const first = fed(values.slice(0, 3 * DAY + 17));
  const second = createForecaster(OPTIONS);
  second.restore(JSON.parse(JSON.stringify(first.snapshot())));
  assert.deepEqual(second.forecast(), first.forecast());
  for (const value of values.slice(3 * DAY + 17)) second.update(value);
  assert.deepEqual(second.forecast(), whole.forecast());
  assert.deepEqual(second.snapshot(), whole.snapshot());
});

test("a state made by other options is refused", () => {
  const snapshot = fed([1, 2, 3]).snapshot();
  assert.throws(() => createForecaster({ ...OPTIONS, horizons: [1, 2] }).restore(snapshot), /other options/);
});

test("an option out of bounds is named", () => {
  assert.throws(() => createForecaster({ ...OPTIONS, levels: [0.9, 0.5] }), /levels: expected .* found \[0\.9,0\.5\]/);
  assert.throws(() => createForecaster({ ...OPTIONS, horizons: [0] }), /horizons/);
  assert.throws(() => createForecaster({ ...OPTIONS, season: 450 }), /season/);
});

test("after a level shift of 2 × the error is back within 30 ticks", () => {
  const values = [...daily(14 * DAY, DAY, 21)].map((value, t) => (t >= 10 * DAY ? 2 * value : value));
  const forecaster = createForecaster(OPTIONS);
  const error: number[] = [];
  values.forEach((value, t) => {
    if (t > 0) error[t] = Math.abs(value - forecaster.forecast().point[0]) / value;
    forecaster.update(value);
  });
  const mean = (from: number, to: number) => error.slice(from, to).reduce((a, b) => a + b, 0) / (to - from);
  const before = mean(9 * DAY, 10 * DAY);
  const after = mean(10 * DAY + 30, 10 * DAY + 60);
  assert.ok(after < 1.4 * before, `relative error before ${before}, after ${after}`);
});

test("one mad sample does not spoil the forecasts of the next day", () => {
  const values = [...daily(9 * DAY, DAY, 5)];
  const clean = fed(values).forecast();
  values[7 * DAY + 100] = 1e15;
  const spoilt = fed(values).forecast();
  for (let k = 0; k < 4; k++) {
    assert.ok(
      Math.abs(spoilt.point[k] - clean.point[k]) < 0.3 * clean.point[k],
      `${spoilt.point[k]} for ${clean.point[k]}`,
    );
    assert.ok(spoilt.values[2][k] < 2 * clean.values[2][k], `${spoilt.values[2][k]} for ${clean.values[2][k]}`);
  }
});
