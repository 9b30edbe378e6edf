import assert from "node:assert/strict";
import { test } from "node:test";
import type { UsageVector } from "../../model/vector.ts";
import type { RegularSeries, UsageStore } from "../usage/usage-store.port.ts";
import { RequestRate } from "./request-rate.ts";

function store() {
  const recorded: RegularSeries[] = [];
  const usage = { backfill: async (_w: string, _s: string, data: RegularSeries) => void recorded.push(data) };
  return { usage: usage as unknown as UsageStore, recorded };
}

const status = (requestsTotal: number | undefined, at: number) => ({
  status: { ready: 1, warming: 0, warmingPids: [], requestsTotal, at },
  vectors: [],
  at,
});

test("the rate is what was answered between two counts", async () => {
  const { usage, recorded } = store();
  const rate = new RequestRate();
  await rate.record(usage, "web", status(100, 60), 60);
  assert.equal(rate.known, false);
  await rate.record(usage, "web", status(400, 120), 60);
  assert.equal(rate.known, true);
  assert.deepEqual(recorded, [{ from: 60, step: 60, values: Float64Array.of(5) }]);
});

test("a count that went back, stood still in time or is not told says nothing", async () => {
  const { usage, recorded } = store();
  const rate = new RequestRate();
  for (const [total, at] of [
    [100, 60],
    [20, 120],
    [80, 120],
    [undefined, 180],
    [90, 240],
  ] as const)
    await rate.record(usage, "web", status(total, at), 60);
  assert.deepEqual(recorded, []);
});

test("what an agent measured is left as it is", async () => {
  const { usage, recorded } = store();
  const rate = new RequestRate();
  const vectors = [{ usage: { requests: 7 }, demand: {} } as UsageVector];
  await rate.record(usage, "web", { ...status(100, 60), vectors }, 60);
  await rate.record(usage, "web", { ...status(200, 120), vectors }, 60);
  assert.equal(rate.known, true);
  assert.deepEqual(recorded, []);
});
