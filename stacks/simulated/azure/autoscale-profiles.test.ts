import assert from "node:assert/strict";
import { test } from "node:test";
import { autoscaleProfiles } from "../../azure/autoscale-profiles.ts";
import { type AutoscaleProfile, readProfiles } from "./autoscale-profiles.ts";

const base: AutoscaleProfile = {
  name: "base",
  capacity: { minimum: "2", maximum: "10", default: "2" },
  rules: [
    {
      metricTrigger: { metricName: "Percentage CPU", operator: "GreaterThan", threshold: 70, timeWindow: "PT5M" },
      scaleAction: { direction: "Increase", type: "PercentChangeCount", value: "50", cooldown: "PT1H30M" },
    },
  ],
};
const dated = (name: string, start: string, end: string): AutoscaleProfile => ({
  ...base,
  name,
  fixedDate: { start: `2026-11-24T${start}Z`, end: `2026-11-24T${end}Z`, timeZone: "UTC" },
});

test("counts, shares and durations are read from Azure's text", () => {
  const [profile] = readProfiles([base]);
  assert.deepEqual([profile.min, profile.max, profile.fallback], [2, 10, 2]);
  assert.deepEqual(profile.rules, [
    { direction: "out", compares: "above", threshold: 0.7, window: 300, change: 0.5, share: true, cooldown: 5400 },
  ]);
});

test("what Azure would refuse is refused", () => {
  const many = Array.from({ length: 20 }, (_, i) =>
    dated(`step ${i}`, `${String(i).padStart(2, "0")}:00:00`, `${String(i).padStart(2, "0")}:30:00`),
  );
  assert.throws(() => readProfiles([base, ...many]), /A maximum of 20 profiles can be specified, found 21/);
  assert.throws(() => readProfiles(many.slice(1)), /Expected one profile without a date, found 0/);
  assert.throws(
    () => readProfiles([base, dated("late", "08:30:00", "10:00:00"), dated("early", "08:00:00", "09:00:00")]),
    /The profiles early and late overlap/,
  );
  assert.throws(() => readProfiles([base, dated("wrong", "09:00:00", "09:00:00")]), /expected a start before its end/);
  const capacity = { minimum: "5", maximum: "4", default: "5" };
  assert.throws(() => readProfiles([{ ...base, capacity }]), /minimum, default and maximum in order, found 5, 5, 4/);
  const [rule] = base.rules;
  const hasty = { ...rule, scaleAction: { ...rule.scaleAction, cooldown: "PT30S" } };
  assert.throws(() => readProfiles([{ ...base, rules: [hasty] }]), /a minute to a week, found PT30S/);
});

test("what the stack asks for is what Azure takes: one after the other, the last for long", () => {
  const at = Date.UTC(2026, 10, 24, 8) / 1000;
  const plan = [
    { at, floor: 9 },
    { at: at + 900, floor: 14 },
  ];
  const asked = autoscaleProfiles(
    "web",
    { owns: "floor", replicas: { floor: 2, ceiling: 10 }, plan },
    "capacity/dev.yaml",
    [...base.rules],
  );
  const read = readProfiles(asked);
  assert.deepEqual(
    read.map(({ name, from, until, min, max }) => ({ name, from, until, min, max })),
    [
      { name: "web", from: undefined, until: undefined, min: 2, max: 10 },
      { name: "web-at-20261124t080000z", from: at, until: at + 900, min: 9, max: 10 },
      { name: "web-at-20261124t081500z", from: at + 900, until: at + 900 + 366 * 86_400, min: 14, max: 14 },
    ],
  );
  assert.ok(
    read.every(({ rules }) => rules.length === 1),
    "each profile has the rules",
  );
});
