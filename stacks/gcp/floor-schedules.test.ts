import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { replicasAt } from "../../model/capacity.ts";
import { parseSchedule } from "../simulated/gcp/schedule.ts";
import { floorSchedules } from "./floor-schedules.ts";

const AT = Date.UTC(2026, 10, 24, 8, 0) / 1000;
const schedulesOf = (floor: number, plan: { at: number; floor: number }[]) =>
  floorSchedules("web", { floor, plan, file: "capacity/dev.yaml" });

test("a step lasts until the next one, and only what lies above the lowest floor is a schedule", () => {
  assert.deepEqual(
    schedulesOf(2, [
      { at: AT, floor: 9 },
      { at: AT + 5400, floor: 2 },
    ]),
    {
      least: 2,
      schedules: [
        {
          name: "web-at-20261124t080000z",
          minRequiredReplicas: 9,
          schedule: "0 8 24 11 * 2026",
          timeZone: "UTC",
          durationSec: 5400,
        },
      ],
    },
  );
  assert.deepEqual(schedulesOf(3, []), { least: 3, schedules: [] });
});

test("where a step lies below the base, the minimum is lowered and the base is a schedule up to the first step", () => {
  const { least, schedules } = schedulesOf(6, [{ at: AT, floor: 4 }]);
  assert.equal(least, 4);
  assert.deepEqual(schedules, [
    {
      name: "web-before-plan",
      minRequiredReplicas: 6,
      schedule: "0 8 17 11 * 2026",
      timeZone: "UTC",
      durationSec: 7 * 86_400,
    },
  ]);
});

test("more floors than an autoscaler takes are refused", () => {
  const plan = Array.from({ length: 129 }, (_, i) => ({ at: AT + i * 600, floor: 3 + i }));
  assert.throws(() => schedulesOf(2, plan), /expected at most 128 floors above the lowest, found 129/);
});

test("property: from a week before the plan on, the schedules never ask for less than the file does, nor for more where steps are far enough apart", () => {
  const plans = fc
    .array(fc.record({ gap: fc.integer({ min: 1, max: 400 }), floor: fc.integer({ min: 0, max: 20 }) }), {
      maxLength: 12,
    })
    .map((steps) => {
      let at = AT;
      return steps.map(({ gap, floor }) => {
        at += gap * 60;
        return { at, floor };
      });
    });
  fc.assert(
    fc.property(plans, fc.nat(20), fc.integer({ min: -6 * 1440, max: 5000 }), (plan, floor, minutes) => {
      const at = AT + minutes * 60;
      const { least, schedules } = schedulesOf(floor, plan);
      const windows = schedules.map((one) => ({ ...parseSchedule(one), min: one.minRequiredReplicas }));
      const asked = Math.max(
        least,
        ...windows.filter(({ from, until }) => from <= at && at < until).map(({ min }) => min),
      );
      const wanted = replicasAt({ replicas: { floor, ceiling: 99 }, plan }, at);
      assert.ok(asked >= wanted, `${asked} for ${wanted}`);
      const apart = plan.every((step, i) => i === 0 || step.at - plan[i - 1].at >= 300);
      if (apart) assert.equal(asked, wanted);
    }),
  );
});
