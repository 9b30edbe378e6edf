import assert from "node:assert/strict";
import { test } from "node:test";
import type { SeriesForecastView, SeriesView } from "../../engine/api/engine-control.port.ts";
import type { Capacity } from "../../model/capacity.ts";
import { capacityCourse, courseInstants } from "./capacity-course.ts";
import { type ChartInput, chartLines, replicaLines } from "./chart-lines.ts";

const CAPACITY: Capacity = {
  owns: "desired",
  replicas: { count: 4 },
  plan: [{ at: 1100, floor: 6 }],
  perReplica: { cpu: 2 },
  storage: { size: 500 },
  network: {},
};
const FORECAST = {
  issuedAt: 1000,
  history: [1, null, 3],
  usage: [0.9, null, 2],
  points: [
    { at: 1060, point: 3.5, quantiles: { "0.1": 3, "0.9": 4, "0.99": 5 }, parts: { quantile: 4.5 } },
    { at: 1120, point: 4, quantiles: { "0.1": 3.2, "0.9": 5, "0.99": 6 }, parts: { quantile: 5.5 } },
  ],
} as unknown as SeriesForecastView;
const VIEW = { capacity: 5.6 } as SeriesView;

function lines(over: Partial<ChartInput> = {}) {
  const now = 1000;
  const course = capacityCourse([], CAPACITY, now);
  const instants = courseInstants([], CAPACITY, now);
  return chartLines({
    ...{ series: "cpu", forecast: FORECAST, view: VIEW, step: 60, ready: 4, capacity: CAPACITY, course, instants, now },
    ...over,
  });
}

test("past, forecast and the plan's steps share one axis", () => {
  const { x, demand, usage, middle, low, high, decides } = lines();
  assert.deepEqual(x, [880, 940, 1000, 1060, 1100, 1120]);
  assert.deepEqual(demand, [1, null, 3, null, null, null]);
  assert.deepEqual(usage, [0.9, null, 2, null, null, null]);
  assert.deepEqual(middle, [null, null, null, 3.5, null, 4]);
  assert.deepEqual([low[3], high[3], decides[3]], [3, 5, 4.5]);
});

test("what is per replica follows the plan, what is of the whole does not", () => {
  const cpu = lines();
  assert.deepEqual(cpu.limit, [8, 8, 8, 8, 12, 12]);
  assert.deepEqual(
    cpu.capacity.map((value) => Math.round(value! * 100) / 100),
    [5.6, 5.6, 5.6, 5.6, 8.4, 8.4],
  );
  const storage = lines({ series: "storage" });
  assert.deepEqual(new Set(storage.limit), new Set([500]));
});

test("without ready replicas or a forecast there is no line, and no error", () => {
  const { x, capacity, demand } = lines({ ready: 0, forecast: undefined });
  assert.deepEqual([x, capacity, demand], [[1000], [null], [undefined]]);
});

test("an instant between ticks says nothing of demand, a tick without a value is a gap", () => {
  const done = { state: "done" as const, updatedAt: 970, before: CAPACITY, after: CAPACITY };
  const { x, demand } = lines({ instants: courseInstants([done], CAPACITY, 1000) });
  assert.deepEqual(demand.slice(0, 4), [1, null, undefined, 3]);
  assert.equal(x[2], 970);
});

test("the past of the capacity is told by what was carried out", () => {
  const change = (updatedAt: number, from: number, to: number) => ({
    state: "done" as const,
    updatedAt,
    before: { ...CAPACITY, plan: [], replicas: { count: from } },
    after: { ...CAPACITY, plan: [], replicas: { count: to } },
  });
  const course = capacityCourse([change(900, 3, 4), change(500, 2, 3)], CAPACITY, 1000);
  assert.deepEqual([400, 500, 899, 900, 1050, 1100].map(course), [2, 3, 3, 4, 4, 6]);
  const { asked, proposed } = replicaLines({ x: [900, 1050, 1100], course, now: 1000 }, CAPACITY, [
    { at: 1060, floor: 5 },
  ]);
  assert.deepEqual(
    [asked, proposed],
    [
      [4, 4, 6],
      [null, 4, 5],
    ],
  );
});
