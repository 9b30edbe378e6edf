import assert from "node:assert/strict";
import { test } from "node:test";
import type { Capacity } from "../../model/capacity.ts";
import { parseConstraints } from "../../model/constraints.ts";
import { type Counterfactual, type CounterfactualOptions, counterfactual } from "./counterfactual.ts";
import { summarise } from "./report.ts";

const constraints = parseConstraints("version: 1\nperformance: { utilisation: { cpu: 100% } }\n", "c");
const desired = (count: number): Capacity => ({
  owns: "desired",
  replicas: { count },
  plan: [],
  perReplica: { cpu: 1 },
  storage: {},
  network: {},
});

function run(demand: readonly number[], counts: readonly number[], leadTime = 120): Counterfactual {
  const options: CounterfactualOptions = {
    from: 6000,
    step: 60,
    demand: new Map([["cpu", Float64Array.from(demand)]]),
    asked: counts.map((count, i) => ({ at: i === 0 ? 5940 : 6000, capacity: desired(count) })),
    constraints,
    leadTime,
  };
  const steps = counterfactual(options);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

test("growth ahead of a rise serves in time, reacting is late, and doing nothing is short for good", () => {
  // Four ticks at 2, then 6; the first value is of the tick before the action.
  const demand = [2, 2, 2, 2, 2, ...new Array(16).fill(6)];
  const { acted, reactive, nothing, greatestNeed } = run(demand, [2, 6]);
  assert.equal(acted.violationTicks, 0);
  assert.equal(nothing.violationTicks, 16);
  assert.ok(reactive.violationTicks >= 2 && reactive.violationTicks < 16, `${reactive.violationTicks}`);
  assert.ok(acted.cost > reactive.cost && reactive.cost > nothing.cost);
  assert.equal(greatestNeed, 6);
});

test("what nobody measured is no need", () => {
  const { ticks, nothing } = run([2, Number.NaN, Number.NaN, 5], [2, 3]);
  assert.equal(ticks, 1);
  assert.equal(nothing.violationTicks, 1);
});

test("savings are over reactive-only, in hours and, with a price, in USD; false alarms are among scale-outs", () => {
  const course = (violationTicks: number, cost: number) => ({ violationTicks, cost });
  const action = {
    changeset: "cs",
    at: 0,
    until: 60,
    from: 2,
    to: 3,
    acted: course(0, 1),
    reactive: course(0, 1),
    nothing: course(0, 1),
  };
  const counts = { anomalies: 1, incidents: 0, recalibrations: 0 };
  const totals = { acted: course(0, 100), reactive: course(3, 160), nothing: course(9, 80) };
  const report = summarise(
    "web",
    [{ ...action, falseAlarm: true }, { ...action, falseAlarm: false }, action],
    { totals, ticks: 60 },
    { step: 60, price: 2, ...counts },
  );
  assert.equal(report.savedReplicaHours, 1);
  assert.equal(report.savedUsd, 2);
  assert.equal(report.scaleOuts, 2);
  assert.equal(report.falseAlarmRate, 0.5);
  const unknown = summarise("web", [], "its capacity is not known yet", { step: 60, ...counts });
  assert.equal(unknown.falseAlarmRate, null);
  assert.equal(unknown.savedReplicaHours, null);
  assert.equal(unknown.note, "its capacity is not known yet");
});
