import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { rangeOf } from "../../model/envelope.ts";
import { constraintsOf, forecastOf, inputOf, NOON } from "./decide-fixture.ts";
import { proposeEnvelope } from "./propose-envelope.ts";

const HOUR = 3600;
const PLAN = { horizon: 24 * HOUR, granularity: 300, interval: HOUR, maxSteps: 100 };

/** Cores of demand by hours from noon: the lowest quantile two below the middle, the highest five above it. */
function hourly(middle: (hour: number) => number) {
  const horizons = Array.from({ length: 24 * 4 }, (_, i) => i * 15 + 1);
  const point = Float64Array.from(horizons, (ahead) => middle(Math.floor(ahead / 60)));
  const forecast = forecastOf("cpu", 1);
  const shift = [-2, 0, 3, 4, 5];
  return { ...forecast, horizons, point, values: shift.map((by) => point.map((value) => Math.max(0, value + by))) };
}

const propose = (middle: (hour: number) => number, text = "") =>
  proposeEnvelope(
    inputOf({
      forecasts: { cpu: hourly(middle) },
      plan: PLAN,
      ...(text === "" ? {} : { constraints: constraintsOf(`performance: { utilisation: { cpu: 100% } }\n${text}`) }),
    }),
  );

test("each hour gets what the lowest quantile needs and the highest, its neighbours' too, and half as much again to either side", () => {
  const envelope = propose((hour) => (hour < 12 ? 10 : 30))!;
  assert.equal(envelope.until, NOON + 7 * 24 * HOUR);
  assert.deepEqual(
    [14, 21, 22, 0, 5, 10].map((hour) => rangeOf(envelope, hour)).map((one) => [one?.least, one?.greatest]),
    [
      [5, 23],
      [5, 23],
      [5, 53],
      [5, 53],
      [18, 53],
      [18, 53],
    ],
  );
});

test("constraints bound both ends, and so does a budget that caps", () => {
  const bounded = propose(() => 30, "availability: { replicas: { min: 29, max: 32 } }")!;
  assert.deepEqual(bounded.hours, [{ from: 0, to: 24, least: 29, greatest: 32 }]);
  const cheap = propose(() => 30, "cost: { max: 31 USD/h, perReplica: 1 USD/h, onBudget: cap }")!;
  assert.deepEqual(cheap.hours, [{ from: 0, to: 24, least: 18, greatest: 31 }]);
});

test("hours that no forecast reaches get the range that holds the others", () => {
  const envelope = proposeEnvelope(
    inputOf({ forecasts: { cpu: hourly((hour) => (hour < 1 ? 10 : 30)) }, plan: { ...PLAN, horizon: 4 * HOUR } }),
  )!;
  assert.equal(rangeOf(envelope, 15)?.least, 18);
  assert.deepEqual(rangeOf(envelope, 3), { from: 0, to: 14, least: 5, greatest: 53 });
});

test("a forecast that is not trusted, borrowed, absent or damaged proposes nothing", () => {
  const good = hourly(() => 10);
  const evidence = { ...good.evidence, scaleOutOnly: true };
  for (const forecasts of [
    {},
    { cpu: { ...good, evidence: { ...good.evidence, trusted: false } } },
    { cpu: { ...good, evidence } },
    { cpu: { ...good, values: good.values.map((row) => row.map(() => Number.NaN)) } },
  ])
    assert.equal(proposeEnvelope(inputOf({ forecasts, plan: PLAN })), undefined);
  assert.equal(proposeEnvelope(inputOf({ forecasts: { cpu: good } })), undefined);
});

test("whatever is forecast, each hour has one range, and it lies within the bounds", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 500, noNaN: true }), { minLength: 24, maxLength: 24 }),
      fc.integer({ min: 0, max: 2 * 86_400 }),
      (values, later) => {
        const now = NOON + later;
        const forecast = { ...hourly((hour) => values[hour]), issuedAt: now };
        const constraints = constraintsOf("availability: { replicas: { min: 3, max: 100 } }");
        const envelope = proposeEnvelope(inputOf({ now, forecasts: { cpu: forecast }, plan: PLAN, constraints }))!;
        for (let hour = 0; hour < 24; hour++) {
          const range = rangeOf(envelope, hour)!;
          assert.ok(range.least >= 3 && range.least <= range.greatest && range.greatest <= 100);
        }
        assert.equal(
          envelope.hours.reduce((sum, { from, to }) => sum + to - from, 0),
          24,
        );
      },
    ),
  );
});
