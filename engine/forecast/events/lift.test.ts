import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Forecast, pointAt, quantileAt } from "../forecast.port.ts";
import { liftForecast } from "./lift.ts";
import type { Uplift } from "./uplift-memory.ts";

const STEP = 60;
const NOW = 6_000;
const LEVELS = [0.1, 0.5, 0.99];
const HORIZONS = [1, 7, 30, 120];

function base(values: readonly number[]): Forecast {
  return {
    series: "cpu",
    issuedAt: NOW,
    step: STEP,
    levels: LEVELS,
    horizons: HORIZONS,
    values: [0.5, 1, 2].map((share) => Float64Array.from(values, (value) => share * value)),
    point: Float64Array.from(values),
    model: "stated",
    evidence: { trusted: true, reason: "", samples: 1, skill: 1, coverage: {}, historyDays: 9 },
  };
}

const stated = (factor: number): Uplift => ({
  low: factor,
  middle: factor,
  high: factor,
  source: "stated",
  occurrences: 0,
});

test("an event lifts the ticks that it touches and no other, at once, wherever it lies between the horizons", () => {
  const forecast = base([100, 100, 100, 100]);
  const event = { name: "sale", from: NOW + 10 * STEP, to: NOW + 12.5 * STEP };
  const lifted = liftForecast(forecast, [{ event, uplift: stated(3) }]);
  for (let ahead = 1; ahead <= 120; ahead++)
    assert.equal(pointAt(lifted, ahead), ahead >= 11 && ahead <= 13 ? 300 : 100, `at ${ahead}`);
  assert.equal(lifted.lifted?.[0].factor, 3);
});

test("an event that goes on is lifted from the next tick, one beyond the horizon and one of which nothing is known not at all", () => {
  const forecast = base([100, 100, 100, 100]);
  const going = liftForecast(forecast, [{ event: { name: "a", from: 0, to: NOW + 2 * STEP }, uplift: stated(2) }]);
  assert.deepEqual(
    [1, 2, 3].map((ahead) => pointAt(going, ahead)),
    [200, 200, 100],
  );
  const far = { name: "b", from: NOW + 500 * STEP, to: NOW + 600 * STEP };
  assert.equal(liftForecast(forecast, [{ event: far, uplift: stated(2) }]), forecast);
  const near = { name: "c", from: NOW, to: NOW + 10 * STEP };
  const unknown = liftForecast(forecast, [{ event: near, uplift: { ...stated(1), source: "unknown" } }]);
  assert.deepEqual(unknown.point, forecast.point);
  assert.deepEqual(unknown.horizons, forecast.horizons);
  assert.equal(unknown.lifted?.[0].source, "unknown");
});

test("low quantiles take the least of what occurrences came to, high ones the greatest", () => {
  const event = { name: "sale", from: NOW, to: NOW + 5 * STEP };
  const uplift: Uplift = { low: 2, middle: 3, high: 5, source: "learnt", occurrences: 4 };
  const lifted = liftForecast(base([100, 100, 100, 100]), [{ event, uplift }]);
  assert.deepEqual(
    LEVELS.map((level) => quantileAt(lifted, level, 2)),
    [100, 300, 1000],
  );
});

test("whatever the events, what lies outside them is as it was, quantiles do not cross, and all is finite", () => {
  const event = fc.record({
    from: fc.integer({ min: -100, max: 200 }),
    length: fc.integer({ min: 1, max: 80 }),
    factors: fc.tuple(...Array.from({ length: 3 }, () => fc.double({ min: 0.01, max: 100, noNaN: true }))),
  });
  const values = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(values, fc.array(event, { maxLength: 4 }), (points, events) => {
      const forecast = base(points);
      const expected = events.map(({ from, length, factors }, i) => {
        const [low, middle, high] = [...factors].sort((a, b) => a - b);
        return {
          event: { name: `e${i}`, from: NOW + from * STEP, to: NOW + (from + length) * STEP },
          uplift: { low, middle, high, source: "learnt", occurrences: 3 } as const,
        };
      });
      const lifted = liftForecast(forecast, expected);
      for (let ahead = 1; ahead <= 120; ahead++) {
        const inside = expected.some(
          ({ event: { from, to } }) => from < NOW + ahead * STEP && to > NOW + (ahead - 1) * STEP,
        );
        const all = LEVELS.map((level) => quantileAt(lifted, level, ahead));
        assert.ok(
          all.every(
            (value, l) => Number.isFinite(value) && value >= 0 && (l === 0 || value >= all[l - 1] * (1 - 1e-12)),
          ),
        );
        if (inside) continue;
        const was = quantileAt(forecast, 0.99, ahead);
        assert.ok(Math.abs(all[2] - was) <= 1e-9 * Math.max(1, was), `${all[2]} for ${was} at ${ahead}`);
      }
      assert.ok(lifted.horizons.every((h, k) => k === 0 || h > lifted.horizons[k - 1]));
    }),
  );
});
