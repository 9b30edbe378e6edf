import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Components } from "./components.ts";

const DAY = 48;

function fed(days: number, value: (tick: number) => number): Components {
  const components = new Components(DAY);
  for (let tick = 0; tick < days * DAY; tick++) components.update(value(tick));
  return components;
}

const wave = (tick: number) => 10 * Math.sin((2 * Math.PI * tick) / DAY);
const near = (found: number, expected: number, by: number) =>
  assert.ok(Math.abs(found - expected) <= by, `${found}, expected ${expected}`);

test("level and time of day are told apart", () => {
  const usual = fed(10, (tick) => 100 + wave(tick)).usual(DAY / 4 + 1);
  near(usual.level, 100, 0.01);
  near(usual.daily, 10, 0.3);
  near(usual.trend, 0, 0.01);
  near(usual.weekly, 0, 0.3);
});

test("a trend is what two weeks differ by, carried on to the moment that is forecast", () => {
  const components = fed(21, (tick) => 100 + tick / DAY + wave(tick));
  const { level, trend } = components.usual(DAY);
  near(level + trend, 100 + 22, 0.6);
  near(trend, 4.5, 0.6);
});

test("what a weekend has less than other days is the week's part, and no trend", () => {
  const components = fed(42, (tick) => (Math.floor(tick / DAY) % 7 >= 5 ? 40 : 100) + wave(tick));
  const monday = components.usual(DAY / 2);
  const saturday = components.usual(5.5 * DAY);
  near(monday.trend, 0, 0.5);
  assert.ok(saturday.weekly < -25, `${saturday.weekly}`);
  assert.ok(monday.weekly > 10, `${monday.weekly}`);
});

test("gaps teach nothing, and before anything was measured all parts are zero", () => {
  assert.deepEqual(new Components(DAY).usual(1), { level: 0, trend: 0, daily: 0, weekly: 0 });
  const gappy = fed(10, (tick) => (tick % 3 === 0 ? Number.NaN : 100));
  near(gappy.usual(1).level, 100, 1e-9);
});

test("one mad value moves the level by no more than fifty times what was usual, for a day's share", () => {
  const components = fed(10, (tick) => (tick === 9 * DAY ? 1e15 : 100));
  assert.ok(components.usual(1).level < 130, `${components.usual(1).level}`);
});

test("whatever comes in, all parts are finite", () => {
  const absurd = fc.oneof(
    fc.double(),
    fc.constantFrom(Number.NaN, 0, -1, 1e300, 1e99, 5e-324, Number.POSITIVE_INFINITY),
  );
  fc.assert(
    fc.property(fc.array(absurd, { maxLength: 120 }), fc.integer({ min: 1, max: 60 }), (values, ahead) => {
      const components = new Components(4);
      for (const value of values) components.update(value);
      const usual = components.usual(ahead);
      for (const part of Object.values(usual)) assert.ok(Number.isFinite(part), JSON.stringify(usual));
    }),
    { numRuns: 100 },
  );
});
