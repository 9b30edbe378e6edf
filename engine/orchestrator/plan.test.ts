import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { replicasAt } from "../../model/capacity.ts";
import { decide } from "./decide.ts";
import { constraintsOf, cpuDemand, forecastOf, inputOf, NOON } from "./decide-fixture.ts";
import { decisionHorizons, decisionLevels, decisiveTicks } from "./horizons.ts";
import { floorsAhead, type PlanInput, planReplicas } from "./plan.ts";

const OPTIONS = { horizon: 7200, granularity: 300, interval: 3600, maxSteps: 12 };

/** A forecast that rises from 5 to 20 half an hour from now. */
function rising() {
  const forecast = forecastOf("cpu", 5);
  const curve = Float64Array.of(5, 20, 20);
  return { ...forecast, horizons: [30, 31, 200], values: forecast.levels.map(() => curve), point: curve };
}

function planInput(change: Partial<PlanInput> = {}): PlanInput {
  return {
    now: NOON,
    leadTime: 300,
    sources: [
      {
        forecast: rising(),
        serving: { series: "cpu", scales: "out", capacity: 1, whole: false, utilisation: 1 },
        fixed: 0,
      },
    ],
    replicas: 5,
    level: 0.95,
    constraints: constraintsOf(),
    options: OPTIONS,
    least: 1,
    most: 1000,
    kept: () => 0,
    ...change,
  };
}

test("a floor rises one lead time before the need does", () => {
  const { now, steps } = planReplicas(planInput())!;
  assert.equal(now, 5);
  assert.deepEqual(steps, [{ at: NOON + 1500, floor: 20 }]);
});

test("floors stay between what is least and most", () => {
  const { now, steps } = planReplicas(planInput({ least: 7, most: 12 }))!;
  assert.deepEqual([now, steps.map(({ floor }) => floor)], [7, [12]]);
});

test("slots lie on a grid of time, whenever the plan is made", () => {
  for (const late of [1, 59, 299]) {
    const { steps } = planReplicas(planInput({ now: NOON + late }))!;
    assert.ok(steps.every(({ at }) => at % 300 === 0));
  }
});

test("a plan is never below the floors that its slots need, and has no more steps than allowed", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 50, noNaN: true }), { minLength: 24, maxLength: 24 }),
      fc.integer({ min: 1, max: 12 }),
      (values, maxSteps) => {
        const curve = Float64Array.from(values);
        const forecast = forecastOf("cpu", 1);
        const horizons = values.map((_, i) => 5 * i + 1);
        const source = {
          ...planInput().sources[0],
          forecast: { ...forecast, horizons, values: forecast.levels.map(() => curve), point: curve },
        };
        const input = planInput({ sources: [source], options: { ...OPTIONS, maxSteps } });
        const { now, steps } = planReplicas(input)!;
        assert.ok(steps.length < maxSteps);
        for (const [slot, floor] of floorsAhead(input)!.entries()) {
          const planned = replicasAt({ replicas: { floor: now, ceiling: 100 }, plan: steps }, NOON + slot * 300);
          assert.ok(planned >= floor);
        }
      },
    ),
  );
});

test("floors are published once an interval", () => {
  const capacity = { ...inputOf().capacity, owns: "floor" as const, replicas: { floor: 3, ceiling: 40 } };
  const input = inputOf({ capacity, demand: cpuDemand(5), forecasts: { cpu: rising() }, plan: OPTIONS });
  const first = decide(input);
  assert.deepEqual(first.capacity.replicas, { floor: 5, ceiling: 40 });
  assert.deepEqual(first.capacity.plan[0], { at: NOON + 1500, floor: 20 });
  const again = decide({ ...input, capacity, lastActions: [{ at: NOON - 1800, direction: "plan" }] });
  assert.equal(again.changed, false);
});

test("a plan of floors that nothing follows ends with what its quietest hour needs", () => {
  const capacity = { ...inputOf().capacity, owns: "floor" as const, replicas: { floor: 3, ceiling: 40 } };
  const { plan } = decide(inputOf({ capacity, forecasts: { cpu: rising() }, plan: OPTIONS })).capacity;
  assert.deepEqual(plan, [
    { at: NOON + 1500, floor: 20 },
    { at: NOON + 7200, floor: 5 },
  ]);
});

test("slots beyond the next publication share floors, on a grid of time", () => {
  const forecast = rising();
  const horizons = Array.from({ length: 300 }, (_, k) => k + 1);
  const curve = Float64Array.from(horizons, (h) => 5 + h / 10);
  const source = {
    ...planInput().sources[0],
    forecast: { ...forecast, horizons, values: forecast.levels.map(() => curve), point: curve },
  };
  const { steps } = planReplicas(
    planInput({ sources: [source], options: { ...OPTIONS, horizon: 14_400, maxSteps: 125 } }),
  )!;
  const far = steps.filter(({ at }) => at > NOON + 3600 + 300);
  assert.ok(far.length > 5 && far.every(({ at }) => at % 900 === 0));
  assert.ok(steps.some(({ at }) => at % 900 !== 0));
});

test("where no forecast is trusted a plan keeps what there was, and goes on where one is", () => {
  const forecast = rising();
  const { evidence } = forecast;
  const trustedUpTo = (last: number) => ({
    ...evidence,
    trusted: false,
    horizons: [1, 10, 30, 60, 130].map((ahead) => ({
      ahead,
      trusted: ahead <= last,
      reason: "stated",
      samples: 1000,
      skill: 0.5,
      coverage: {},
      since: 0,
    })),
  });
  const floors = (last: number) => {
    const source = { ...planInput().sources[0], forecast: { ...forecast, evidence: trustedUpTo(last) } };
    return floorsAhead(planInput({ sources: [source], kept: (at) => (at < NOON + 3600 ? 8 : 9) }));
  };
  // The sixth slot's capacity meets what comes from 25 to 35 minutes ahead.
  assert.deepEqual([...floors(30)!].slice(0, 6), [5, 5, 5, 5, 5, 8]);
  assert.deepEqual([...floors(60)!].slice(4, 13), [5, 20, 20, 20, 20, 20, 20, 8, 9]);
  assert.equal(floors(0), undefined);
});

test("a lost forecast and bad telemetry leave the plan as it is", () => {
  const plan = [{ at: NOON + 600, floor: 9 }];
  const capacity = { ...inputOf().capacity, owns: "floor" as const, replicas: { floor: 3, ceiling: 40 }, plan };
  const input = inputOf({ capacity, demand: cpuDemand(5), plan: OPTIONS });
  assert.equal(
    decide({ ...input, forecasts: { cpu: { ...rising(), evidence: { ...rising().evidence, trusted: false } } } })
      .changed,
    false,
  );
  assert.equal(decide({ ...input, demand: {}, forecasts: { cpu: rising() } }).changed, false);
});

test("a pin moves the floor between two publications", () => {
  const capacity = { ...inputOf().capacity, owns: "floor" as const, replicas: { floor: 3, ceiling: 40 } };
  const holds = { pins: [{ min: 12, until: NOON + 60 }] };
  assert.deepEqual(decide(inputOf({ capacity, holds })).capacity.replicas, { floor: 12, ceiling: 40 });
});

test("a plan of counts ends with one that serves the busiest time, for when the engine is gone", () => {
  const input = inputOf({ demand: cpuDemand(5), forecasts: { cpu: rising() }, plan: OPTIONS });
  const { plan } = decide(input).capacity;
  assert.deepEqual(plan[plan.length - 1], { at: NOON + 7200, floor: 20 });
});

test("horizons cover what decisions and plans read, in order and few enough for a forecaster", () => {
  const constraints = constraintsOf();
  for (const [step, lead] of [
    [60, 300],
    [300, 300],
    [60, 30],
    [5, 20],
  ]) {
    for (const plan of [undefined, { horizon: 86_400, granularity: 300, interval: 3600 }]) {
      const horizons = decisionHorizons(step, lead, constraints, plan);
      assert.ok(horizons.length <= 64 && horizons[0] >= 1);
      assert.ok(horizons.every((h, k) => Number.isInteger(h) && (k === 0 || h > horizons[k - 1])));
      assert.ok(horizons.includes(Math.ceil(lead / step) + 1));
      assert.ok(decisiveTicks(step, lead, constraints, plan) <= horizons[horizons.length - 1]);
    }
  }
  const levels = decisionLevels(constraints, {});
  assert.ok(
    levels.length <= 16 && levels.every((level, k) => level > 0 && level < 1 && (k === 0 || level > levels[k - 1])),
  );
});
