import assert from "node:assert/strict";
import { test } from "node:test";
import { decide } from "./decide.ts";
import { cpuDemand, forecastOf, inputOf } from "./decide-fixture.ts";
import { LAXITIES, learntLaxity, soundLaxity } from "./plan-calibration.ts";
import { planLevelFor } from "./policy.ts";

const MINUTE = 1 / 60;

test("laxity settles where the workload is short as often as stated", () => {
  for (const shortAt of [0.5, 1, 2]) {
    let laxity: number | undefined;
    let [seed, short] = [3, 0];
    const [days, last] = [60, 30];
    for (let tick = 0; tick < days * 1440; tick++) {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      // The laxer, the more often it is short: one in a hundred at `shortAt`.
      const violated = seed / 2147483648 < (0.01 * soundLaxity(laxity)) / shortAt;
      if (tick >= (days - last) * 1440 && violated) short++;
      laxity = learntLaxity(laxity, violated, 0.01, MINUTE);
    }
    const share = short / (last * 1440);
    assert.ok(share > 0.008 && share < 0.012, `${share}`);
  }
});

test("laxity stays within its bounds whatever comes, and an hour moves it little", () => {
  for (const violated of [true, false]) {
    let laxity: number | undefined;
    for (let tick = 0; tick < 100_000; tick++) laxity = learntLaxity(laxity, violated, 0.4, MINUTE);
    assert.equal(laxity, violated ? LAXITIES[0] : LAXITIES[LAXITIES.length - 1]);
  }
  let laxity: number | undefined = 1;
  for (let tick = 0; tick < 60; tick++) laxity = learntLaxity(laxity, tick < 6, 0.01, MINUTE);
  assert.ok(Math.abs(laxity! - 1) < 0.05);
  assert.equal(soundLaxity(Number.NaN), 1);
});

test("a laxer plan has a lower level, and never less than the middle", () => {
  assert.ok(planLevelFor(0.01, 2) < planLevelFor(0.01) && planLevelFor(0.01) < planLevelFor(0.01, 0.5));
  assert.equal(planLevelFor(0.1, 4), 0.5);
});

test("with floors each tick teaches, unless it is badly measured or the floors are only watched", () => {
  const plan = { horizon: 7200, granularity: 300, interval: 3600, maxSteps: 12 };
  const capacity = { ...inputOf().capacity, owns: "floor" as const, replicas: { floor: 10, ceiling: 40 } };
  const base = { capacity, plan, memory: { releases: [], laxity: 1.5 } };
  const laxity = (change: Partial<Parameters<typeof inputOf>[0]>) =>
    decide(inputOf({ ...base, ...change })).memory.laxity!;
  assert.ok(laxity({ demand: cpuDemand(9) }) > 1.5);
  assert.ok(laxity({ demand: cpuDemand(11) }) < 1.5);
  assert.equal(laxity({ demand: {} }), 1.5);
  assert.equal(decide(inputOf({ ...base, mode: "observe", demand: cpuDemand(11) })).memory.laxity, 1.5);
});

test("a laxer plan has lower floors", () => {
  const plan = { horizon: 7200, granularity: 300, interval: 3600, maxSteps: 12 };
  const forecast = forecastOf("cpu", 10);
  for (const [l, row] of forecast.values.entries()) row.fill(10 + 5 * l);
  const capacity = { ...inputOf().capacity, owns: "floor" as const, replicas: { floor: 10, ceiling: 40 } };
  const floor = (laxity: number) => {
    const input = inputOf({
      capacity,
      plan,
      demand: cpuDemand(5),
      forecasts: { cpu: forecast },
      memory: { releases: [], laxity },
    });
    const { replicas } = decide(input).capacity;
    return "floor" in replicas ? replicas.floor : 0;
  };
  assert.ok(floor(4) < floor(1) && floor(1) < floor(0.25), `${floor(4)} ${floor(1)} ${floor(0.25)}`);
});
