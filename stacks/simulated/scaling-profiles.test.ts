import assert from "node:assert/strict";
import { test } from "node:test";
import { advanceGroup, newGroup, type ScaledGroup } from "./scaled-group.ts";
import { countByProfile, meanLoad, profileAt, type ScalingProfile, type ScalingRule } from "./scaling-profiles.ts";

const MINUTE = 60;
const rule = (direction: "out" | "in", threshold: number, change = 1, share = false): ScalingRule => ({
  direction,
  compares: direction === "out" ? "above" : "below",
  threshold,
  window: 5 * MINUTE,
  change,
  share,
  cooldown: 5 * MINUTE,
});
const RULES = [rule("out", 0.7), rule("out", 0.85, 0.5, true), rule("in", 0.49)];
const profile = (more: Partial<ScalingProfile> = {}): ScalingProfile => ({
  name: "base",
  min: 2,
  max: 10,
  fallback: 2,
  rules: RULES,
  ...more,
});
const count = (
  desired: number,
  cpu: number,
  more: Partial<ScalingProfile> = {},
  scaledAt?: number,
  serving = desired,
) => countByProfile({ desired, cores: 2, scaledAt }, profile(more), 3600, serving, [{ at: 0, cpu }], MINUTE);

test("a dated profile holds from its start up to its end, the one without a date otherwise", () => {
  const all = [profile(), profile({ name: "dated", from: 100, until: 200 })];
  assert.deepEqual(
    [99, 100, 199, 200].map((at) => profileAt(all, at)?.name),
    ["base", "dated", "dated", "base"],
  );
});

test("a count outside the bounds is brought within them, cool-down or not", () => {
  assert.equal(count(1, 0, {}, 3599), 2);
  assert.equal(count(12, 99, {}, 3599), 10);
});

test("one rule is enough to scale out, and the largest result counts", () => {
  assert.equal(count(4, 6), 5);
  assert.equal(count(4, 7.5), 6);
  assert.equal(count(4, 6, {}, 3400), 4, "within the cool-down nothing changes");
  assert.equal(count(10, 99), 10, "never beyond the most");
});

test("in goes only what would not have to come back", () => {
  assert.equal(count(5, 2), 4);
  assert.equal(count(3, 2.9), 3, "two machines would be 72 percent used");
  assert.equal(count(2, 0), 2, "never below the least");
});

test("what cannot be measured changes nothing beyond the default", () => {
  assert.equal(count(2, 0, { fallback: 3 }, undefined, 0), 3);
  assert.equal(count(4, 0, { fallback: 3 }, undefined, 0), 4);
});

test("a load's mean is over time, not over points", () => {
  const load = [
    { at: 100, cpu: 4 },
    { at: 130, cpu: 8 },
  ];
  assert.equal(meanLoad(load, 70, 160), (0 * 30 + 4 * 30 + 8 * 30) / 90);
});

test("a group follows its profiles by itself, the same in one go or in many", () => {
  const begin = (): ScaledGroup => ({
    ...newGroup({ min: 0, max: 1000, desired: 2 }, { version: "1", cores: 2 }),
    profiles: [profile(), profile({ name: "step", from: 600, until: 1200, min: 6 })],
  });
  const rules = { bootDelay: 120, scalerPeriod: MINUTE, scaleInAfter: 0 };
  const run = (group: ScaledGroup, stops: number[]) => {
    let serial = 0;
    const around = { launch: () => ({ id: String(++serial) }), tell: () => {} };
    for (const [i, to] of stops.entries()) advanceGroup(group, stops[i - 1] ?? 0, to, [], rules, around);
    return group;
  };
  const at = (to: number) => run(begin(), [to]);
  assert.deepEqual([at(599).desired, at(660).desired, at(660).min], [2, 6, 6]);
  assert.equal(at(1200 + 2 * 5 * MINUTE).desired, 3, "in goes one a cool-down");
  assert.deepEqual(run(begin(), [500, 601, 900, 1250, 2400]), at(2400));
});
