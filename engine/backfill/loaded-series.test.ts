import assert from "node:assert/strict";
import { test } from "node:test";
import type { Metric } from "../../model/dimension.ts";
import { loadedSeries } from "./loaded-series.ts";

const NO = Number.NaN;
const metrics = (entries: readonly (readonly [Metric, readonly number[]])[]) =>
  new Map(entries.map(([metric, values]) => [metric, Float64Array.from(values)] as const));
const history = (
  usage: readonly (readonly [Metric, readonly number[]])[],
  demand: readonly (readonly [Metric, readonly number[]])[] = [],
) => ({
  workload: "web",
  window: { from: 0, to: 180, step: 60 },
  usage: metrics(usage),
  demand: metrics(demand),
  throttled: new Uint8Array(3),
  replicas: Float64Array.of(1, 1, 1),
  interval: 60,
});

test("metrics become series; where nobody recorded what was asked for it is what was got", () => {
  const all = loadedSeries(
    history(
      [
        ["cpu", [1, NO, 3]],
        ["disk_read", [1, 2, NO]],
        ["disk_write", [10, NO, NO]],
        ["memory", [NO, NO, NO]],
      ],
      [["cpu", [NO, NO, 4]]],
    ),
  );
  assert.deepEqual(
    all.map(({ series, demand, usage, ticks }) => [series, [...demand], [...usage], ticks]),
    [
      ["cpu", [1, NO, 4], [1, NO, 3], 2],
      ["disk", [11, 2, NO], [11, 2, NO], 2],
    ],
  );
});

test("a workload of which nothing is recorded has no series", () => {
  assert.deepEqual(loadedSeries(history([])), []);
});
