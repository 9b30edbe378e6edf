import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Forecast } from "../forecast.port.ts";
import { daily, randomNumbers } from "../synthetic.ts";
import { ForecastReader } from "./read-forecast.ts";
import { fleetShape } from "./shape.ts";
import { FleetShard, type FleetTier } from "./shard.ts";
import { Tables } from "./tables.ts";

const DAY = 48;
const REQUEST = { series: "cpu", levels: [0.1, 0.5, 0.9, 0.9885, 0.999], horizons: [1, 2, 4, 24, 50] } as const;
const TIERS: readonly FleetTier[] = ["fast", "balanced"];

function reading(shard: FleetShard, tick: number, column = 0): Forecast {
  return new ForecastReader(shard.shape, REQUEST).read(shard, column, tick, "cpu");
}

/** A shard of half-hour ticks, all of whose columns have been fed. */
function fed(tier: FleetTier, columns: readonly (readonly number[])[], step = 1_800) {
  const shard = new FleetShard(fleetShape(step, 86_400), new Tables(columns.length), tier);
  for (let i = 0; i < columns.length; i++) shard.judge(i, 2);
  const values = new Float64Array(columns.length);
  for (let tick = 0; tick < columns[0].length; tick++) {
    columns.forEach((column, i) => {
      values[i] = column[tick];
    });
    shard.step(tick, values, 0, columns.length);
  }
  const last = columns[0].length - 1;
  return { shard, last, read: (column = 0) => reading(shard, last, column) };
}

function assertSound({ point, values }: Forecast) {
  for (const value of point) assert.ok(Number.isFinite(value) && value >= 0, `point ${value}`);
  values.forEach((row, l) => {
    row.forEach((value, k) => {
      assert.ok(Number.isFinite(value) && value >= 0, `quantile ${value}`);
      if (l > 0) assert.ok(value >= values[l - 1][k], "quantiles do not cross");
    });
  });
}

test("a daily pattern is learnt, trusted and covered as claimed, by either tier", () => {
  const values = [...daily(16 * DAY, DAY, 7)];
  for (const tier of TIERS) {
    const shard = new FleetShard(fleetShape(1_800, 86_400), new Tables(1), tier);
    shard.judge(0, 2);
    let [error, covered, count, repeat] = [0, 0, 0, 0];
    values.forEach((value, tick) => {
      shard.step(tick, Float64Array.of(value), 0, 1);
      if (tick < 7 * DAY || tick + 2 >= values.length) return;
      const { point, values: quantiles } = reading(shard, tick);
      error += Math.abs(values[tick + 2] - point[1]);
      repeat += Math.abs(values[tick + 2] - values[tick + 2 - DAY]);
      if (values[tick + 2] <= quantiles[2][1]) covered++;
      count++;
    });
    const { evidence } = reading(shard, values.length - 1);
    assert.ok(error < 0.85 * repeat, `${tier}: error ${error}, of seasonal naive ${repeat}`);
    assert.ok(covered / count > 0.86 && covered / count < 0.95, `${tier}: coverage ${covered / count}`);
    assert.equal(evidence.trusted, true, evidence.reason);
    assert.ok(evidence.since! > 2 * 86_400 && evidence.since! < values.length * 1_800, `since ${evidence.since}`);
  }
});

test("white noise is never trusted, whatever the seed", () => {
  const columns = 30;
  for (const tier of TIERS) {
    const random = Array.from({ length: columns }, (_, i) => randomNumbers(i + 1));
    const shard = new FleetShard(fleetShape(1_800, 86_400), new Tables(columns), tier);
    for (let i = 0; i < columns; i++) shard.judge(i, 2);
    for (let tick = 0; tick < 20 * DAY; tick++) {
      shard.step(
        tick,
        Float64Array.from(random, (next) => 100 + 40 * next()),
        0,
        columns,
      );
      if ((tick + 1) % 8 !== 0) continue;
      for (let i = 0; i < columns; i++)
        for (const { ahead, trusted } of shard.evidence(i).horizons!)
          assert.equal(trusted, false, `${tier}, seed ${i + 1}, tick ${tick}, ${ahead} ahead`);
    }
    assert.match(shard.evidence(0).reason, /no skill/);
  }
});

test("a series has the same forecasts whatever lies beside it", () => {
  const one = [...daily(6 * DAY, DAY, 3)];
  const alone = fed("balanced", [one]).read();
  const among = fed("balanced", [one, [...daily(6 * DAY, DAY, 4)], new Array(6 * DAY).fill(Number.NaN)]);
  assert.deepEqual(among.read(), alone);
  assert.notDeepEqual(among.read(1).point, alone.point);
});

test("a constant series is forecast as itself, and zeros as zeros", () => {
  for (const tier of TIERS) {
    const { read } = fed(tier, [new Array(4 * DAY).fill(42), new Array(4 * DAY).fill(0)]);
    const constant = read(0);
    for (const value of constant.point) assert.ok(Math.abs(value - 42) < 0.5, `${value}`);
    for (const value of constant.values[3]) assert.ok(value < 46, `${value}`);
    assert.ok(Math.max(...read(1).values[4]) < 1e-6);
  }
});

test("after a past of zeros no forecast leaves what was seen", () => {
  const values = [...new Array(3 * DAY).fill(0), ...new Array(DAY).fill(8e9)];
  for (const tier of TIERS) {
    const { point, values: quantiles } = fed(tier, [values]).read();
    assert.ok(Math.abs(point[0] - 8e9) < 8e8, `${point[0]}`);
    for (const row of quantiles) for (const value of row) assert.ok(value <= 3.3e10, `${value}`);
  }
});

test("gaps move time on, are filled with what is usual, and are told", () => {
  const values = [...daily(10 * DAY, DAY, 5)];
  const expected = values[9.5 * DAY];
  const { shard, read } = fed("balanced", [[...values.slice(0, 9 * DAY), ...new Array(DAY / 2).fill(Number.NaN)]]);
  const { point, issuedAt, evidence } = read();
  assert.equal(issuedAt, 9.5 * 86_400);
  assert.equal(evidence.historyDays, 9);
  assert.match(evidence.reason, /missing/);
  assert.ok(Math.abs(point[0] - expected) < 0.35 * expected, `${point[0]}, expected about ${expected}`);
  assert.ok(shard.history.isGap(shard.history.row(9 * DAY)));
});

test("a workload with a weekend leans on its week", () => {
  const weekday = (tick: number) => (Math.floor(tick / DAY) % 7 < 5 ? 1 : 0.3);
  const values = [...daily(28 * DAY, DAY, 9)].map((value, tick) => value * weekday(tick));
  const { shard, last } = fed("balanced", [values]);
  const monday = last + DAY / 2 + 1;
  assert.ok(shard.profile.at(monday, 0) > 0.75 * values[monday - 7 * DAY], `${shard.profile.at(monday, 0)}`);
});

test("whatever comes in, what goes out is finite, not negative, and quantiles do not cross", () => {
  const absurd = fc.oneof(
    fc.double(),
    fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -1, 1e300, 5e-324, 1e17, 1e-30),
    fc.double({ min: 0, max: 100, noNaN: true }),
  );
  fc.assert(
    fc.property(fc.array(absurd, { minLength: 1, maxLength: 120 }), (values) => {
      for (const tier of TIERS) assertSound(fed(tier, [values], 7_200).read());
    }),
    { numRuns: 60 },
  );
});

test("a column whose models are weighed anew follows a change sooner, and leaves its neighbours alone", () => {
  // Half a day of noise about a level that has jumped: the last values tell, and not what is usual.
  const past = [...daily(12 * DAY, DAY, 6)];
  const jumped = past.slice(0, 10).map((value) => 3 * value);
  const after = (reweighed: boolean) => {
    const { shard, last } = fed("fast", [past, past]);
    if (reweighed) shard.reweigh(0, last + 1);
    jumped.forEach((value, n) => {
      shard.step(last + 1 + n, Float64Array.of(value, value), 0, 2);
    });
    return [0, 1].map((column) => reading(shard, last + jumped.length, column).point[1]);
  };
  const [without, beside] = after(false);
  const [sooner, alone] = after(true);
  const came = 3 * past[11];
  assert.ok(Math.abs(sooner - came) < Math.abs(without - came), `${sooner}, without ${without}, came ${came}`);
  assert.equal(alone, beside);
});

test("a column that was reset is as new", () => {
  const { shard } = fed("balanced", [[...daily(4 * DAY, DAY, 1)], [...daily(4 * DAY, DAY, 2)]]);
  const fresh = new FleetShard(fleetShape(1_800, 86_400), new Tables(2));
  for (const column of [0, 1]) shard.reset(column);
  assert.deepEqual(shard.tables.all, fresh.tables.all);
});

test("a season that is no whole number of steps is refused", () => {
  assert.throws(() => fleetShape(7, 100), /season: expected a whole number of steps/);
});
