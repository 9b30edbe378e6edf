import assert from "node:assert/strict";
import { test } from "node:test";
import type { Capacity } from "../../model/capacity.ts";
import type { Changeset } from "../../model/changeset.ts";
import { actionsOf, leadTimeKind } from "./past-actions.ts";

const capacity: Capacity = {
  owns: "desired",
  replicas: { count: 4 },
  plan: [],
  perReplica: { cpu: 1, memory: 100 },
  storage: { size: 1000 },
  network: { bandwidth: 50 },
};
const change = (after: Partial<Capacity>) =>
  ({ before: capacity, after: { ...capacity, ...after }, updatedAt: 7 }) as unknown as Changeset;

test("a changeset's actions are told by direction", () => {
  assert.deepEqual(actionsOf(change({ replicas: { count: 6 } })), [{ at: 7, direction: "out" }]);
  assert.deepEqual(actionsOf(change({ replicas: { count: 2 }, plan: [{ at: 9, floor: 3 }] })), [
    { at: 7, direction: "in" },
    { at: 7, direction: "plan" },
  ]);
  assert.deepEqual(actionsOf(change({ storage: { size: 2000 }, network: { bandwidth: 40 } })), [
    { at: 7, direction: "up" },
    { at: 7, direction: "down" },
  ]);
});

test("a change of CPU per replica says from what to what", () => {
  assert.deepEqual(actionsOf(change({ perReplica: { cpu: 2, memory: 100 } })), [
    { at: 7, direction: "up", cpu: { from: 1, to: 2 } },
  ]);
  assert.deepEqual(actionsOf(change({ perReplica: { cpu: 0.5, memory: 200 } })), [
    { at: 7, direction: "up" },
    { at: 7, direction: "down", cpu: { from: 1, to: 0.5 } },
  ]);
});

test("lead time is measured for what is slowest in the changeset", () => {
  assert.equal(leadTimeKind(change({ replicas: { count: 6 }, storage: { size: 2000 } })), "out");
  assert.equal(leadTimeKind(change({ storage: { size: 2000 } })), "vertical");
  assert.equal(leadTimeKind(change({ replicas: { count: 2 } })), "in");
});
