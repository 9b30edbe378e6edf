import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { replicasAt } from "../../../model/capacity.ts";
import { workersAt } from "./spec.ts";

test("the supervisor's reading of a plan is the capacity model's", () => {
  const plans = fc
    .uniqueArray(fc.record({ at: fc.integer({ min: 0, max: 1000 }), floor: fc.nat(50) }), {
      selector: ({ at }) => at,
      maxLength: 8,
    })
    .map((steps) => steps.toSorted((a, b) => a.at - b.at));
  fc.assert(
    fc.property(fc.nat(50), plans, fc.integer({ min: -10, max: 1010 }), (count, plan, at) => {
      assert.equal(workersAt({ count, plan }, at), replicasAt({ replicas: { count }, plan }, at));
    }),
  );
});

test("a step holds from its very instant until the next", () => {
  const spec = {
    count: 2,
    plan: [
      { at: 100, floor: 5 },
      { at: 200, floor: 1 },
    ],
  };
  assert.deepEqual(
    [99, 100, 199, 200, 9999].map((at) => workersAt(spec, at)),
    [2, 5, 5, 1, 1],
  );
});
