import assert from "node:assert/strict";
import { test } from "node:test";
import { autoscaleProfiles } from "./autoscale-profiles.ts";

const steps = (count: number) => Array.from({ length: count }, (_, i) => ({ at: 1000 * (i + 1), floor: i + 1 }));

test("a count of one's own is least and most, without rules", () => {
  const profiles = autoscaleProfiles("web", { owns: "desired", replicas: { count: 3 }, plan: steps(1) }, "f", ["rule"]);
  assert.deepEqual(
    profiles.map(({ capacity, rules }) => [capacity.minimum, capacity.maximum, rules.length]),
    [
      ["3", "3", 0],
      ["1", "1", 0],
    ],
  );
});

test("a plan has as many steps as there are profiles beside the first", () => {
  const capacity = { owns: "floor", replicas: { floor: 2, ceiling: 10 } } as const;
  assert.equal(autoscaleProfiles("web", { ...capacity, plan: steps(19) }, "f", []).length, 20);
  assert.throws(
    () => autoscaleProfiles("web", { ...capacity, plan: steps(20) }, "capacity/dev.yaml", []),
    /capacity\/dev\.yaml: web\.plan: expected at most 19 steps, .* found 20; set plan: \{ steps: 18 \}/,
  );
});
