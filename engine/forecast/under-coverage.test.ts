import assert from "node:assert/strict";
import { test } from "node:test";
import { randomNumbers } from "./synthetic.ts";
import { binomialTail, undercovers } from "./under-coverage.ts";

/** Summed up term by term. */
function summed(count: number, trials: number, p: number): number {
  let [term, sum] = [(1 - p) ** trials, 0];
  for (let k = 0; k <= trials; k++) {
    if (k >= count) sum += term;
    term *= ((trials - k) / (k + 1)) * (p / (1 - p));
  }
  return sum;
}

test("the tail is that of the binomial distribution", () => {
  for (const [count, trials, p] of [
    [1, 10, 0.015],
    [3, 40, 0.015],
    [20, 40, 0.5],
    [30, 1_000, 0.015],
    [2, 2, 0.3],
    [90, 100, 0.95],
  ]) {
    const expected = summed(count, trials, p);
    assert.ok(Math.abs(binomialTail(count, trials, p) - expected) < 1e-8, `${count} of ${trials} at ${p}`);
  }
  assert.equal(binomialTail(0, 10, 0.5), 1);
});

test("a rare quantile is not condemned for a few misses, and a bad one is once there are enough", () => {
  assert.equal(undercovers(0.99, 0.95, 40), false);
  assert.equal(undercovers(0.99, 0.95, 400), true);
  assert.equal(undercovers(0.9, 0.8, 40), false);
  assert.equal(undercovers(0.9, 0.7, 60), true);
  assert.equal(undercovers(0.99, 0.985, 1e6), false);
});

test("a quantile that covers what it claims is found wanting hardly ever", () => {
  const random = randomNumbers(5);
  let condemned = 0;
  for (let run = 0; run < 2_000; run++) {
    const trials = 20 + Math.floor(300 * random());
    let covered = 0;
    for (let i = 0; i < trials; i++) if (random() < 0.98) covered++;
    if (undercovers(0.98, covered / trials, trials)) condemned++;
  }
  assert.ok(condemned < 0.02 * 2_000, `${condemned}`);
});
