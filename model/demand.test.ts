import assert from "node:assert/strict";
import { test } from "node:test";
import { isAtLimit, memoryDemand, ThreadDemand } from "./demand.ts";

/** Demand in the last of some intervals of a second each. */
function last(waits: boolean, ...intervals: readonly (readonly [ran: number, booked: number])[]): number {
  const demand = new ThreadDemand();
  return intervals.map(([ran, booked]) => demand.of({ ran, booked, slices: 10, elapsed: 1 }, () => waits)).at(-1)!;
}

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);
}

test("without a wait demand is the usage", () => {
  near(last(false, [0.3, 0]), 0.3);
  near(last(false, [0, 0]), 0);
  near(last(false, [0.1, 0.9], [0.3, 0]), 0.3);
});

test("a thread that never sleeps asks for a core from the first interval in which it never does", () => {
  near(last(true, [0.1, 0.9]), 1);
  near(last(true, [0, 0], [0.05, 0.45], [0.1, 0.9]), 1);
  near(last(true, [0.1, 0.9], [0, 1]), 1);
});

test("the wait of a thread that sleeps is not counted", () => {
  near(last(false, [0.2, 0.2]), 0.25);
});

test("turns that a limit stretches beyond the interval are taken whole", () => {
  // 0.1 s of work and 0.3 s of sleep in turn, at 5 % of a core: a turn takes two seconds and more.
  const demand = new ThreadDemand();
  const turn = [
    { ran: 0.05, booked: 0.95, slices: 10, elapsed: 1 },
    { ran: 0.05, booked: 0.65, slices: 10, elapsed: 1 },
  ];
  for (let i = 0; i < 20; i++) for (const time of turn) demand.of(time, () => false);
  const values = turn.map((time) => demand.of(time, () => false));
  assert.ok(
    values.every((value) => value > 0.2 && value < 0.32),
    `${values}`,
  );
});

test("a wait that has not ended is no sleep, and not counted again when it ends", () => {
  const demand = new ThreadDemand();
  const of = (ran: number, booked: number, slices: number) => {
    const cores = demand.of({ ran, booked, slices, elapsed: 1 }, () => true);
    return [cores, demand.waited].map((value) => Number(value.toFixed(9)));
  };
  assert.deepEqual(of(0.1, 0.5, 1), [1, 0.9], "0.4 s are open");
  assert.deepEqual(of(0, 0, 0), [1, 1]);
  assert.deepEqual(of(0.2, 2.2, 1), [1, 0.8]);
  assert.deepEqual(
    of(0.5, 0.4, 20),
    [0.7 / 0.76, 0.44].map((value) => Number(value.toFixed(9))),
    "waits take 0.02 s now",
  );
});

test("one that sleeps is not asked whether it waits", () => {
  const demand = new ThreadDemand();
  const asked = () => assert.fail("asked");
  assert.equal(demand.of({ ran: 0.5, booked: 0, slices: 3, elapsed: 1 }, asked), 0.5);
  demand.of({ ran: 0, booked: 0, slices: 0, elapsed: 1 }, () => false);
  assert.equal(demand.of({ ran: 0, booked: 0, slices: 0, elapsed: 1 }, asked), 0);
});

test("demand is at least the usage, whatever it was before", () => {
  const demand = new ThreadDemand();
  for (let i = 0; i < 5; i++) demand.of({ ran: 0.01, booked: 0.06, slices: 10, elapsed: 1 }, () => false);
  assert.ok(demand.of({ ran: 0.5, booked: 0.1, slices: 10, elapsed: 1 }, () => false) >= 0.5);
});

test("memory that came back is demand, up to the working set again", () => {
  assert.equal(memoryDemand(100, 0), 100);
  assert.equal(memoryDemand(100, 30), 130);
  assert.equal(memoryDemand(100, 1000), 200);
});

test("at a limit is what is within a twentieth of it; no limit is none", () => {
  assert.equal(isAtLimit(95, 100), true);
  assert.equal(isAtLimit(94, 100), false);
  assert.equal(isAtLimit(1e12, Number.POSITIVE_INFINITY), false);
  assert.equal(isAtLimit(Number.NaN, 100), false);
});
