import assert from "node:assert/strict";
import { test } from "node:test";
import type { Capacity } from "../../model/capacity.ts";
import { CHANGESET_STATES } from "../../model/changeset.ts";
import { effect, shapeOf, standing, toneOf } from "./verdict.ts";

const capacity = (over: Partial<Capacity>): Capacity => ({
  owns: "desired",
  replicas: { count: 4 },
  plan: [],
  perReplica: { cpu: 1 },
  storage: {},
  network: {},
  ...over,
});

test("the effect names replicas, plan and sizes that change", () => {
  const of = (after: Partial<Capacity>) => effect({ before: capacity({}), after: capacity(after), createdAt: 100 });
  assert.equal(of({ replicas: { count: 6 } }), "4 → 6 replicas");
  assert.equal(of({ plan: [{ at: 200, floor: 9 }] }), "a plan of 1 step, 9 to 9 replicas");
  assert.equal(of({ perReplica: { cpu: 2 }, storage: { size: 5 } }), "another cpu per replica, another storage size");
  assert.equal(of({}), "no change of capacity");
});

test("every state has words and a shape, and those that want somebody have one of their own", () => {
  for (const state of CHANGESET_STATES) assert.ok(standing(state).length > 3 && shapeOf(state).length === 1, state);
  assert.deepEqual(
    CHANGESET_STATES.filter((state) => toneOf(state) === "ask"),
    ["awaiting-approval"],
  );
});
