import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Capacity } from "../../model/capacity.ts";
import { parseConstraints } from "../../model/constraints.ts";
import { replicasNeeded, servings, sizeNeeded, withZoneToSpare } from "./need.ts";

const constraints = (text = "") => parseConstraints(`version: 1\n${text}`, "test.yaml");
const cpu = { capacity: 2, utilisation: 0.7 };

test("need is demand over what a replica may be used for, rounded up", () => {
  assert.equal(replicasNeeded(14, cpu), 10);
  assert.equal(replicasNeeded(14.1, cpu), 11);
  assert.equal(replicasNeeded(0, cpu), 0);
  assert.equal(replicasNeeded(0.001, cpu), 1);
});

test("rounding error adds no replica", () => {
  assert.equal(replicasNeeded(0.1 * 3, { capacity: 0.1, utilisation: 1 }), 3);
  assert.equal(replicasNeeded(0.7 * 3 * 100, { capacity: 100, utilisation: 0.7 }), 3);
});

test("only the part that load drives is divided by replicas", () => {
  // 10 replicas of 1 GiB each whatever they serve, and 20 GiB of load: at 80 % of 4 GiB each has 2.2 GiB for load.
  const need = replicasNeeded(10 + 20, { capacity: 4, utilisation: 0.8 }, 1, 10);
  assert.equal(need, 10);
  assert.ok(need + 20 <= need * 3.2 && need - 1 + 20 > (need - 1) * 3.2);
});

test("a constant part per replica never adds replicas, however large", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.001, max: 100, noNaN: true }),
      fc.double({ min: 0, max: 1000, noNaN: true }),
      fc.integer({ min: 1, max: 1000 }),
      (capacity, fixed, replicas) => {
        assert.ok(replicasNeeded(fixed * replicas, { capacity, utilisation: 0.8 }, fixed, replicas) <= replicas);
      },
    ),
  );
});

test("load that no number of replicas can hold adds none", () => {
  assert.equal(replicasNeeded(100, { capacity: 1, utilisation: 0.8 }, 0.9, 5), 5);
});

test("memory per replica grows with its share of the load", () => {
  const memory = { whole: false, utilisation: 0.8 };
  assert.equal(sizeNeeded(30, memory, 1, 10, 10), 3 / 0.8);
  assert.equal(sizeNeeded(30, memory, 1, 10, 5), 5 / 0.8);
});

test("memory of which nothing is known counts as belonging to each replica", () => {
  assert.equal(sizeNeeded(30, { whole: false, utilisation: 0.5 }, undefined, 10, 5), 6);
});

test("storage and bandwidth that scales up are of the workload as a whole", () => {
  assert.equal(sizeNeeded(70, { whole: true, utilisation: 0.7 }, 0, 10, 3), 100);
});

const capacity: Capacity = {
  owns: "desired",
  replicas: { count: 3 },
  plan: [],
  perReplica: { cpu: 2, memory: 4, requests: 100 },
  storage: { size: 1000, throughput: 50 },
  network: { bandwidth: 10 },
};

test("what has a figure in the capacity file is served as its dimension says", () => {
  const found = servings(capacity, constraints());
  assert.deepEqual(
    found.map(({ series, scales, whole }) => [series, scales, whole]),
    [
      ["cpu", "out", false],
      ["memory", "up", false],
      ["disk", "up", true],
      ["storage", "up", true],
      ["network", "out", false],
      ["requests", "out", false],
    ],
  );
});

test("a dimension that scales none, or has no figure, is left out", () => {
  const found = servings({ ...capacity, network: {}, storage: {} }, constraints("scales: { memory: none, cpu: up }"));
  assert.deepEqual(
    found.map(({ series, scales }) => [series, scales]),
    [
      ["cpu", "up"],
      ["requests", "out"],
    ],
  );
});

test("an instance type has its CPU and memory from the catalogue", () => {
  const found = servings({ ...capacity, perReplica: { instance: "m" } }, constraints(), {
    m: { cpu: 8, memory: 32, pricePerHour: 1 },
  });
  assert.deepEqual(
    found.slice(0, 2).map((serving) => serving.capacity),
    [8, 32],
  );
});

test("with a zone lost, what was needed is left", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 2, max: 12 }), (needed, zones) => {
      const n = withZoneToSpare(needed, zones);
      assert.ok(n - Math.ceil(n / zones) >= needed);
      assert.ok(n - 1 - Math.ceil((n - 1) / zones) < needed);
    }),
  );
  assert.equal(withZoneToSpare(6, 1), 6);
});
