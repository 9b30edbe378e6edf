import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { baseReplicas } from "../../model/capacity.ts";
import type { DecideInput, PastAction } from "./decide.port.ts";
import { decide } from "./decide.ts";
import { constraintsOf, cpuDemand, forecastOf, inputOf, NOON } from "./decide-fixture.ts";
import { chosenCpu } from "./grown-cpu.ts";

const FULL = "performance: { utilisation: { cpu: 100% } }\navailability: { replicas: { max: 10 } }";
const AUTO = `${FULL}\nchange: { vertical: auto }`;

function decided(text: string, change: Partial<DecideInput>) {
  const decision = decide(inputOf({ constraints: constraintsOf(text), ...change }));
  return { ...decision, cpu: decision.capacity.perReplica.cpu, count: baseReplicas(decision.capacity) };
}

const ofTwoCores = { ...inputOf().capacity, perReplica: { cpu: 2 } };
const grownFromOne: PastAction = { at: NOON - 3600, direction: "up", cpu: { from: 1, to: 2 } };

describe("CPU per replica, where there may be no more replicas", () => {
  test("grows so that those there are serve the demand, and says why", () => {
    const decision = decided(AUTO, { demand: cpuDemand(15) });
    assert.deepEqual([decision.count, decision.cpu], [10, 1.65]);
    assert.ok(
      decision.reasons.some(({ kind, text }) => kind === "bounds" && /10 replicas are all that is allowed/.test(text)),
    );
    assert.equal(decision.short, undefined);
  });

  test("grows ahead of demand that is forecast", () => {
    assert.equal(decided(AUTO, { forecasts: { cpu: forecastOf("cpu", 15) } }).cpu, 1.65);
  });

  test("waits for a person under review, and what is short is said until then", () => {
    const decision = decided(FULL, { demand: cpuDemand(15) });
    assert.deepEqual([decision.cpu, decision.automatic.perReplica.cpu, decision.needsReview], [1.65, 1, true]);
    assert.deepEqual(decision.short, { wanted: 15, granted: 10, by: "bounds", rescue: true });
  });

  test("stays where sizes are not to change", () => {
    assert.equal(decided(`${FULL}\nchange: { vertical: none }`, { demand: cpuDemand(15) }).cpu, 1);
  });

  test("stays while replicas can still be added", () => {
    const text = AUTO.replace("max: 10", "max: 20");
    const decision = decided(text, { demand: cpuDemand(15) });
    assert.deepEqual([decision.count, decision.cpu], [15, 1]);
  });

  test("grows where a pin keeps the number of replicas", () => {
    const pins = [{ min: 10, max: 10, until: NOON + 60 }];
    const decision = decided(AUTO.replace("max: 10", "max: 50"), { demand: cpuDemand(15), holds: { pins } });
    assert.deepEqual([decision.count, decision.cpu], [10, 1.65]);
  });

  test("grows to no more than is allowed, nor than the budget pays for", () => {
    const bounded = AUTO.replace("{ replicas", "{ perReplica: { cpu: 1.2 }, replicas");
    assert.equal(decided(bounded, { demand: cpuDemand(15) }).cpu, 1.2);
    const capped = `${AUTO}\ncost: { max: 13 USD/h, onBudget: cap }`;
    assert.equal(decided(capped, { demand: cpuDemand(15), pricePerReplica: 1 }).cpu, 1.3);
  });

  test("leaves room for a zone that fails", () => {
    const zones = AUTO.replace("{ replicas", "{ zones: 2, survive: zone, replicas");
    assert.equal(decided(zones, { demand: cpuDemand(10) }).cpu, 2.2);
  });

  test("does not grow while frozen", () => {
    assert.equal(decided(AUTO, { demand: cpuDemand(15), holds: { freeze: { all: false }, pins: [] } }).cpu, 1);
  });
});

describe("CPU that has grown", () => {
  const calm = { capacity: ofTwoCores, demand: cpuDemand(8), forecasts: { cpu: forecastOf("cpu", 8) } };

  test("goes back to what was chosen before any replica goes", () => {
    const decision = decided(AUTO, { ...calm, lastActions: [grownFromOne] });
    assert.equal(decision.cpu, 1);
    const busy = { ...calm, demand: cpuDemand(16), forecasts: { cpu: forecastOf("cpu", 16) } };
    assert.deepEqual([decided(AUTO, { ...busy, lastActions: [grownFromOne] }).count], [10]);
  });

  test("stays until the cool-down of sizes is over, and while a later peak is forecast", () => {
    const recent = { ...grownFromOne, at: NOON - 3599 };
    assert.equal(decided(AUTO, { ...calm, lastActions: [recent] }).cpu, 2);
    const later = { cpu: forecastOf("cpu", 8, 18) };
    assert.equal(decided(AUTO, { ...calm, forecasts: later, lastActions: [grownFromOne] }).cpu, 2);
  });

  test("stays on bad telemetry and without a trusted forecast", () => {
    assert.equal(decided(AUTO, { ...calm, demand: {}, lastActions: [grownFromOne] }).cpu, 2);
    assert.equal(decided(AUTO, { ...calm, forecasts: {}, lastActions: [grownFromOne] }).cpu, 2);
  });

  test("is not taken from what a person chose", () => {
    assert.equal(decided(AUTO, calm).cpu, 2);
    const edited = { ...grownFromOne, cpu: { from: 1, to: 1.5 } };
    assert.equal(decided(AUTO, { ...calm, lastActions: [edited] }).cpu, 2);
  });
});

test("what was chosen is where the unbroken chain of actions to the present size began, or lower", () => {
  const change = (at: number, from: number, to: number): PastAction => ({
    at,
    direction: to > from ? "up" : "down",
    cpu: { from, to },
  });
  assert.equal(chosenCpu(3, []), 3);
  assert.equal(chosenCpu(3, [change(2, 2, 3), change(1, 1, 2)]), 1);
  assert.equal(chosenCpu(3, [change(1, 1, 2), change(2, 2.5, 3)]), 2.5);
  assert.equal(chosenCpu(2, [change(1, 1, 3), change(2, 3, 2)]), 1);
});

test("grown CPU stays between what was chosen and what is allowed, and never makes up for replicas that may still come", () => {
  const cores = fc.double({ min: 0.1, max: 4, noNaN: true });
  fc.assert(
    fc.property(
      fc.record({
        chosen: cores,
        grown: cores,
        demand: fc.double({ min: 0.1, max: 60, noNaN: true }),
        forecast: fc.double({ min: 0.1, max: 60, noNaN: true }),
        max: fc.integer({ min: 1, max: 30 }),
        count: fc.integer({ min: 1, max: 30 }),
        allowed: fc.option(cores, { nil: undefined }),
        ago: fc.integer({ min: 0, max: 20_000 }),
      }),
      ({ chosen, grown, demand, forecast, max, count, allowed, ago }) => {
        const size = Math.max(chosen, grown);
        const text = `performance: { utilisation: { cpu: 100% } }\navailability: { replicas: { max: ${max} }${
          allowed === undefined ? "" : `, perReplica: { cpu: ${allowed} }`
        } }\nchange: { vertical: auto }`;
        const decision = decided(text, {
          capacity: { ...inputOf().capacity, replicas: { count }, perReplica: { cpu: size } },
          ready: count,
          health: { known: count, reporting: count, warming: 0, stale: false },
          demand: cpuDemand(demand),
          forecasts: { cpu: forecastOf("cpu", forecast) },
          lastActions: size > chosen ? [{ at: NOON - ago, direction: "up", cpu: { from: chosen, to: size } }] : [],
        });
        assert.ok(decision.cpu! >= Math.min(chosen, size));
        assert.ok(decision.cpu! <= Math.max(size, allowed ?? Number.POSITIVE_INFINITY));
        if (decision.cpu! > size) assert.equal(decision.count, max);
        assert.ok(decision.count <= max);
      },
    ),
    { numRuns: 300 },
  );
});
