import assert from "node:assert/strict";
import { test } from "node:test";
import { History } from "../history.ts";
import { GlobalLstm } from "../lstm/global-lstm.ts";
import type { GlobalModel, GlobalModelSource } from "../lstm/global-model.port.ts";
import { createGlobalModel } from "../lstm/model-file.ts";
import { canonicalHorizons, initialParameters } from "../lstm/network.ts";
import { daily, randomNumbers } from "../synthetic.ts";
import { ForecastReader } from "./read-forecast.ts";
import { fleetShape } from "./shape.ts";
import { FleetShard } from "./shard.ts";
import { Tables } from "./tables.ts";

const DAY = 96;
const STEP = 900;
const ANCHORS = fleetShape(STEP, 86_400).anchors;
const REQUEST = { levels: [0.5], horizons: ANCHORS };

function model(seed: number): GlobalModel {
  const shape = { step: STEP, season: DAY, horizons: canonicalHorizons(DAY) };
  const parameters = initialParameters(shape, randomNumbers(seed));
  return createGlobalModel(shape, parameters, { at: 0, series: 1, ticks: 1, loss: 0, naiveLoss: 1 });
}

type Source = { -readonly [key in keyof GlobalModelSource]: GlobalModelSource[key] };

function shardOf(columns: number, source: Source, existing?: Tables["all"]): FleetShard {
  return new FleetShard(fleetShape(STEP, 86_400), new Tables(columns, existing), "balanced", source);
}

/** Feeds all columns together, or one after the other. */
function feed(shard: FleetShard, columns: readonly (readonly number[])[], from = 0, together = true): number {
  for (let t = 0; t < columns[0].length; t++)
    if (together)
      shard.step(
        from + t,
        Float64Array.from(columns, (column) => column[t]),
        0,
        columns.length,
      );
    else for (const [i, column] of columns.entries()) shard.step(from + t, Float64Array.of(column[t]), i, i + 1);
  return from + columns[0].length - 1;
}

const read = (shard: FleetShard, column: number, tick: number) =>
  new ForecastReader(shard.shape, REQUEST).read(shard, column, tick, "cpu");

test("it says what the model says of a single series", () => {
  const current = model(1);
  const values = [...daily(9 * DAY, DAY, 2)];
  const shard = shardOf(1, { current, absence: "" });
  feed(shard, [values]);
  const history = new History(DAY, ANCHORS[ANCHORS.length - 1]);
  const alone = new GlobalLstm(history, ANCHORS, { current, absence: "" }, STEP);
  for (const value of values) {
    history.push(history.admit(value));
    alone.update();
  }
  const expected = new Float64Array(ANCHORS.length);
  alone.forecast(expected);
  // What is usual is a mean of values for the one, and of logarithms for the other.
  expected.forEach((point, a) => {
    const said = shard.lstmPoint(0, a);
    assert.ok(Math.abs(said - point) < 0.04 * point, `${ANCHORS[a]} ahead: ${said}, expected about ${point}`);
  });
});

test("a forecast names it from when it speaks on, and not without a model", () => {
  const values = [...daily(4 * DAY, DAY, 3)];
  const source: Source = { current: undefined, absence: "none was trained yet" };
  const shard = shardOf(1, source);
  const before = feed(shard, [values]);
  assert.equal(read(shard, 0, before).model, "fleet(naive, seasonal naive, profile, seasonal ar)");
  source.current = model(1);
  const ticks = [...daily(30, DAY, 3)];
  const named = ticks.map((value, t) => {
    shard.step(before + 1 + t, Float64Array.of(value), 0, 1);
    return /lstm/.test(read(shard, 0, before + 1 + t).model);
  });
  // A state that has seen next to nothing says nothing.
  assert.deepEqual(named, [...new Array(24).fill(false), ...new Array(6).fill(true)]);
});

test("a model for another season is not used", () => {
  const values = [...daily(4 * DAY, DAY, 3)];
  const shape = { step: STEP, season: 48, horizons: canonicalHorizons(48) };
  const other = createGlobalModel(shape, initialParameters(shape, randomNumbers(1)), model(1).trained);
  const shard = shardOf(1, { current: other, absence: "" });
  const last = feed(shard, [values]);
  assert.doesNotMatch(read(shard, 0, last).model, /lstm/);
});

test("a series has the same forecasts whatever lies beside it, and however many are stepped at once", () => {
  const columns = Array.from({ length: 19 }, (_, i) => [...daily(4 * DAY, DAY, i + 1)]);
  columns[4].fill(Number.NaN);
  const source = { current: model(1), absence: "" };
  const [together, apart, alone] = [shardOf(19, source), shardOf(19, source), shardOf(1, source)];
  const last = feed(together, columns);
  feed(apart, columns, 0, false);
  feed(alone, [columns[0]]);
  assert.match(read(alone, 0, last).model, /lstm/);
  for (let i = 0; i < 19; i++) assert.deepEqual(read(apart, i, last), read(together, i, last));
  assert.deepEqual(read(alone, 0, last), read(together, 0, last));
});

test("it goes on from kept tables, and begins anew under a new model", () => {
  const [values, more] = [[...daily(4 * DAY, DAY, 5)], [...daily(3, DAY, 6)]];
  const source: Source = { current: model(1), absence: "" };
  const shard = shardOf(1, source);
  const last = feed(shard, [values]);
  const copy = shardOf(
    1,
    source,
    new Map([...shard.tables.all].map(([name, table]) => [name, table.slice() as typeof table])),
  );
  const end = feed(shard, [more], last + 1);
  feed(copy, [more], last + 1);
  assert.deepEqual(read(copy, 0, end), read(shard, 0, end));
  source.current = model(2);
  feed(shard, [more], end + 1);
  assert.doesNotMatch(read(shard, 0, end + 3).model, /lstm/);
});
