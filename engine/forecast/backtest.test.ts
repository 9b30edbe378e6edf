import assert from "node:assert/strict";
import { test } from "node:test";
import { backtest } from "./backtest.ts";
import type { Forecast, SeriesForecaster } from "./forecast.port.ts";

/** Forecasts that the last value comes again, and one more at its upper quantile. */
function lastValue(): SeriesForecaster {
  let last = 0;
  let ticks = 0;
  return {
    get ticks() {
      return ticks;
    },
    reweigh() {},
    update(value) {
      ticks++;
      if (!Number.isNaN(value)) last = value;
    },
    forecast: () =>
      ({
        horizons: [1, 2],
        levels: [0.9],
        values: [Float64Array.of(last + 1, last + 1)],
        point: Float64Array.of(last, last),
      }) as unknown as Forecast,
    snapshot: () => assert.fail(),
    restore: () => assert.fail(),
  };
}

test("errors are measured against the seasonal difference of the history, on what came after it", () => {
  // Season of 2: the history differs by 2 from one season to the next; then steps of 1.
  const result = backtest(Float64Array.of(0, 10, 2, 12, 4, 5, 6, 7), lastValue(), { season: 2, from: 4 });
  const near = result.get(1)!;
  assert.equal(near.samples, 3);
  assert.equal(near.mase, 1 / 2);
  assert.equal(near.coverage["0.9"], 1);
  assert.equal(result.get(2)!.mase, 2 / 2);
  assert.equal(result.get(2)!.coverage["0.9"], 0);
  assert.ok(Math.abs(result.get(2)!.pinball["0.9"] - 0.9 / 6.5) < 1e-12);
});

test("a gap is not compared", () => {
  const result = backtest(Float64Array.of(0, 10, 2, 12, 4, Number.NaN, 6, 7), lastValue(), { season: 2, from: 4 });
  assert.equal(result.get(1)!.samples, 2);
  assert.equal(result.get(1)!.mase, 1.5 / 2);
});
