import assert from "node:assert/strict";
import { test } from "node:test";
import { horizontalPodAutoscaler, predictiveScaling, simulateRule } from "./rules.ts";

test("the HPA rule follows the ratio, tolerates 10 %, and waits five minutes to go down", () => {
  const rule = horizontalPodAutoscaler(0.5, 60);
  assert.equal(rule(0, 5, 10), 10);
  assert.equal(rule(1, 5.4, 10), 10);
  assert.equal(rule(2, 8, 10), 16);
  const down = [3, 4, 5, 6, 7, 8].map((tick) => rule(tick, 4, 16));
  assert.deepEqual(down, [16, 16, 16, 16, 8, 8]);
});

test("predictive scaling raises its floor ahead of the hour that was busy on the days before", () => {
  const day = Float64Array.from({ length: 1440 }, (_, minute) => (minute >= 600 && minute < 660 ? 20 : 2));
  const loads = new Float64Array(3 * 1440);
  for (let d = 0; d < 3; d++) loads.set(day, d * 1440);
  const rule = predictiveScaling(loads, 2880, 0.5, 60, 5);
  assert.equal(rule(590, 2, 4), 4);
  assert.equal(rule(595, 2, 4), 40);
});

test("a rule is scored as a replay is", () => {
  const summary = simulateRule((_, load) => Math.ceil(load), Float64Array.of(1, 1, 5, 5, 5, 5, 5), 2, 1);
  assert.deepEqual(summary, {
    ticks: 7,
    violationTicks: 3,
    unservedShare: 12 / 27,
    cost: 23,
    minimumCost: 35,
    actions: 1,
  });
});
