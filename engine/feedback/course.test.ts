import assert from "node:assert/strict";
import { test } from "node:test";
import type { Capacity } from "../../model/capacity.ts";
import { course } from "./course.ts";

function desired(count: number): Capacity {
  return { owns: "desired", replicas: { count }, plan: [], perReplica: { cpu: 1 }, storage: {}, network: {} };
}

const came = (needs: readonly number[]) => needs.map((need) => ({ need, load: need }));

test("what is left alone costs its count each tick and violates where more is needed", () => {
  assert.deepEqual(course(came([1, 2, 3, 4]), 0, 60, 2, [{ at: 0, capacity: desired(2) }]), {
    violationTicks: 2,
    cost: 8,
  });
});

test("what is asked for is paid at once and serves a lead time later", () => {
  const asked = [
    { at: -60, capacity: desired(1) },
    { at: 0, capacity: desired(3) },
  ];
  assert.deepEqual(course(came([3, 3, 3, 3]), 0, 60, 2, asked), {
    violationTicks: 2,
    cost: 12,
  });
});

test("a gap in the demand violates nothing", () => {
  const { violationTicks } = course(came([9, Number.NaN]), 0, 60, 0, [{ at: 0, capacity: desired(2) }]);
  assert.equal(violationTicks, 1);
});

test("between floor and ceiling the native autoscaler reacts", () => {
  const floors: Capacity = { ...desired(1), owns: "floor", replicas: { floor: 1, ceiling: 4 } };
  const loads = new Array(30).fill(7);
  const { cost } = course(came(loads), 0, 60, 0, [{ at: 0, capacity: floors }]);
  assert.ok(cost > 30 && cost <= 4 * 30, `${cost}`);
});
