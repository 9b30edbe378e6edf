import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { PlannedEvent } from "../../../model/planned-event.ts";
import { type ForecasterOptions, pointAt } from "../forecast.port.ts";
import { createForecaster } from "../forecaster.ts";
import { daily } from "../synthetic.ts";
import { EventForecaster } from "./event-forecaster.ts";

const DAY = 96;
const STEP = 900;
const OPTIONS: ForecasterOptions = {
  series: "cpu",
  step: STEP,
  season: 86_400,
  levels: [0.1, 0.5, 0.99],
  horizons: [1, 4, 16, 48, 96],
  tier: "fast",
  seed: 1,
  startsAt: 0,
};
/** Eight ticks that each day's event lasts. */
const LENGTH = 8;

const eventAt = (tick: number, uplift?: number): PlannedEvent => ({
  name: "batch",
  from: tick * STEP,
  to: (tick + LENGTH) * STEP,
  ...(uplift === undefined ? {} : { uplift }),
});

function forecasterOf(events: readonly PlannedEvent[], options = OPTIONS) {
  const between = (from: number, to: number) => events.filter((event) => event.from < to && event.to > from);
  return new EventForecaster(createForecaster(options), options, between);
}

/** A daily pattern in which events multiply by three. */
function withEvents(days: number, events: readonly PlannedEvent[], factor = 3): number[] {
  return [...daily(days * DAY, DAY, 5)].map((value, tick) =>
    events.some(({ from, to }) => from <= tick * STEP && to > tick * STEP) ? factor * value : value,
  );
}

const PAST = [3.3, 5.7, 8.1].map((day) => eventAt(Math.floor(day * DAY)));

test("what past occurrences did is expected of the next, from its beginning to its end", () => {
  const next = eventAt(10 * DAY + 20);
  const events = [...PAST, next];
  const forecaster = forecasterOf(events);
  for (const value of withEvents(10, events)) forecaster.update(value);
  const [{ uplift }] = forecaster.expected();
  assert.equal(uplift.source, "learnt");
  assert.equal(uplift.occurrences, 3);
  assert.ok(uplift.middle > 2.5 && uplift.middle < 3.5, `${uplift.middle}`);
  assert.ok(uplift.low <= uplift.middle && uplift.middle <= uplift.high);
  const [with_, without] = [forecaster.forecast(), forecaster.base()];
  for (const ahead of [20, 21, 28, 29, 40]) {
    const inside = ahead > 20 && ahead <= 28;
    assert.ok(Math.abs(pointAt(with_, ahead) - pointAt(without, ahead) * (inside ? uplift.middle : 1)) < 1e-9);
  }
});

test("an event leaves the daily profile as it would be without it", () => {
  const events = [...PAST, eventAt(9 * DAY + 40)];
  const forecaster = forecasterOf(events);
  for (const value of withEvents(10, events)) forecaster.update(value);
  const clean = createForecaster(OPTIONS);
  for (const value of withEvents(10, [])) clean.update(value);
  const plain = createForecaster(OPTIONS);
  for (const value of withEvents(10, events)) plain.update(value);
  const off = (other: { forecast(): { point: Float64Array } }) =>
    clean.forecast().point.reduce((sum, value, k) => sum + Math.abs(other.forecast().point[k] / value - 1), 0) / 5;
  assert.ok(off(forecaster) < 0.06, `${off(forecaster)}`);
  assert.ok(off(plain) > 2 * off(forecaster), `${off(plain)} without, ${off(forecaster)} with`);
});

test("an uplift that a person states counts before anything is learnt, for what load drives", () => {
  const next = eventAt(4 * DAY + 2, 2.5);
  const cpu = forecasterOf([next]);
  const memory = forecasterOf([next], { ...OPTIONS, series: "memory" });
  for (const value of withEvents(4, [])) {
    cpu.update(value);
    memory.update(value);
  }
  assert.equal(pointAt(cpu.forecast(), 4), 2.5 * pointAt(cpu.base(), 4));
  assert.equal(pointAt(memory.forecast(), 4), pointAt(memory.base(), 4));
});

test("a first occurrence lifts its own rest by what came of it, and ends at its end", () => {
  const first = eventAt(6 * DAY);
  const forecaster = forecasterOf([first]);
  for (const value of withEvents(7, [first]).slice(0, 6 * DAY + 4)) forecaster.update(value);
  const [{ uplift }] = forecaster.expected();
  assert.equal(uplift.source, "coming");
  assert.ok(uplift.middle > 2.4 && uplift.middle < 3.6, `${uplift.middle}`);
  const [lifted, base] = [forecaster.forecast(), forecaster.base()];
  assert.ok(pointAt(lifted, 4) > 2.4 * pointAt(base, 4));
  assert.equal(pointAt(lifted, 5), pointAt(base, 5));
});

test("an event that comes quite otherwise than stated is taken as it comes", () => {
  const first = eventAt(6 * DAY, 5);
  const forecaster = forecasterOf([first]);
  for (const value of withEvents(7, [first], 2).slice(0, 6 * DAY + 5)) forecaster.update(value);
  const [{ uplift }] = forecaster.expected();
  assert.equal(uplift.source, "coming");
  assert.ok(uplift.middle < 2.6, `${uplift.middle}`);
});

test("a restart in the middle of an event changes nothing", () => {
  const events = [...PAST, eventAt(9 * DAY)];
  const values = withEvents(10, events);
  const whole = forecasterOf(events);
  const first = forecasterOf(events);
  values.slice(0, 9 * DAY + 3).forEach((value) => {
    whole.update(value);
    first.update(value);
  });
  const second = forecasterOf(events);
  second.restore(JSON.parse(JSON.stringify(first.snapshot())));
  for (const value of values.slice(9 * DAY + 3)) {
    whole.update(value);
    second.update(value);
  }
  assert.deepEqual(second.snapshot(), whole.snapshot());
  assert.deepEqual(second.forecast(), whole.forecast());
  assert.throws(() => second.restore(createForecaster(OPTIONS).snapshot()), /with events/);
});

test("whatever comes in during events, what goes out is finite and not negative", () => {
  const absurd = fc.oneof(
    fc.double(),
    fc.constantFrom(Number.NaN, 0, -1, 1e300, 5e-324, Number.POSITIVE_INFINITY),
    fc.double({ min: 0, max: 100, noNaN: true }),
  );
  const options = { ...OPTIONS, season: 12 * STEP, horizons: [1, 3, 12] };
  const events = [eventAt(5), eventAt(9, 3), { ...eventAt(7), name: "other" }, eventAt(30)];
  fc.assert(
    fc.property(fc.array(absurd, { maxLength: 60 }), (values) => {
      const forecaster = forecasterOf(events, options);
      for (const value of values) {
        forecaster.update(value);
        const forecast = forecaster.forecast();
        for (const row of [forecast.point, ...forecast.values])
          for (const number of row) assert.ok(Number.isFinite(number) && number >= 0, `${number}`);
      }
    }),
    { numRuns: 60 },
  );
});

test("the parts of a forecast add up to it, and what an event adds is in its window alone", () => {
  const next = eventAt(21 * DAY + 10, 3);
  const forecaster = forecasterOf([next]);
  const past = [...withEvents(21, [])];
  for (const value of past) forecaster.update(value);
  const lifted = forecaster.forecast();
  const aheads = Array.from({ length: 96 }, (_, i) => i + 1);
  forecaster.explain(lifted, aheads, 0.99, past).forEach((parts, i) => {
    const { level, trend, daily, weekly, event, recent, point, margin, quantile } = parts;
    const sum = level + trend + daily + weekly + event + recent;
    assert.ok(Math.abs(sum - point) <= 1e-12 * (Math.abs(level) + Math.abs(point)), `${sum} for ${point}`);
    assert.ok(Math.abs(point + margin - quantile) <= 1e-12 * quantile);
    assert.equal(point, pointAt(lifted, i + 1));
    const inside = i + 1 > 10 && i + 1 <= 10 + LENGTH;
    assert.equal(inside ? event > 0.5 * point : event === 0, true, `${event} of ${point} at ${i + 1}`);
    // Of a steady daily pattern nearly all is usual; between horizons the forecast is a straight line.
    if (OPTIONS.horizons.includes(i + 1))
      assert.ok(Math.abs(recent) < 0.25 * (point - event), `recent ${recent} of ${point}`);
  });
});
