import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { minimumCost } from "./oracle.ts";
import { SimulatedPool } from "./simulated-pool.ts";

/** The least cost of all sequences of targets that the simulated infrastructure allows, tried one by one. */
function bruteForce(need: readonly number[], delay: number): number {
  const most = Math.max(...need);
  let best = Number.POSITIVE_INFINITY;
  const targets: number[] = [];
  const run = (initial: number) => {
    const pool = new SimulatedPool(initial, delay);
    let cost = 0;
    for (let tick = 0; tick < need.length; tick++) {
      pool.beginTick(tick);
      if (pool.ready < need[tick]) return Number.POSITIVE_INFINITY;
      cost += pool.ready + pool.pending;
      if (tick < targets.length) pool.ask(targets[tick], tick);
    }
    return cost;
  };
  const walk = () => {
    if (targets.length === need.length - 1) {
      for (let initial = 0; initial <= most; initial++) best = Math.min(best, run(initial));
      return;
    }
    for (let target = 0; target <= most; target++) {
      targets.push(target);
      walk();
      targets.pop();
    }
  };
  walk();
  return best;
}

test("no sequence of targets without a violation costs less", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 7 }),
      fc.integer({ min: 0, max: 3 }),
      (need, delay) => assert.equal(minimumCost(need, delay), bruteForce(need, delay)),
    ),
    { numRuns: 60 },
  );
});

/** Level by level, as the reference states it. */
function byLevels(need: readonly number[], delay: number): number {
  let cost = 0;
  for (let level = 1; level <= Math.max(...need); level++) {
    const ticks = need.flatMap((n, tick) => (n >= level ? [tick] : []));
    cost += ticks.length + Math.min(delay, ticks[0]);
    for (let i = 1; i < ticks.length; i++) cost += Math.min(ticks[i] - ticks[i - 1] - 1, delay);
  }
  return cost;
}

test("the linear way and the level-by-level way agree", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 80 }),
      fc.integer({ min: 0, max: 12 }),
      (need, delay) => assert.equal(minimumCost(need, delay), byLevels(need, delay)),
    ),
  );
});
