import assert from "node:assert/strict";
import { test } from "node:test";
import { randomNumbers } from "../forecast/synthetic.ts";
import { RecentQuantile } from "./recent-quantile.ts";

test("a quantile is within a bucket of the number itself, over whole seasons that pass", () => {
  const random = randomNumbers(4);
  const recent = new RecentQuantile(1, 50, 7);
  const all: number[] = [];
  for (let tick = 0; tick < 1000; tick++) {
    const size = (tick < 400 ? 10 : 3) * random() * random();
    recent.push(size);
    all.push(size);
  }
  const last = all.slice(-350).sort((a, b) => a - b);
  assert.equal(recent.count, 350);
  for (const level of [0.9, 0.95, 0.98]) {
    const exact = last[Math.ceil(351 * level) - 1];
    const found = recent.quantile(level);
    assert.ok(found > exact / 1.06 && found < exact * 1.06, `${found} for ${exact}`);
  }
});

test("what is below the least is not told apart, and gaps count for nothing", () => {
  const recent = new RecentQuantile(4, 10, 2);
  for (let tick = 0; tick < 20; tick++) recent.push(tick % 2 === 0 ? Number.NaN : 3);
  assert.equal(recent.count, 10);
  assert.equal(recent.quantile(0.98), 0);
  recent.push(1e6);
  assert.ok(Number.isFinite(recent.quantile(0.98)) && recent.quantile(0.98) > 4);
});

test("a restart changes nothing", () => {
  const random = randomNumbers(5);
  const [one, other] = [new RecentQuantile(1, 10, 3), new RecentQuantile(1, 10, 3)];
  for (let tick = 0; tick < 47; tick++) one.push(5 * random());
  other.restore(JSON.parse(JSON.stringify(one.snapshot())));
  for (let tick = 0; tick < 30; tick++) {
    const size = 5 * random();
    one.push(size);
    other.push(size);
    assert.equal(other.quantile(0.9), one.quantile(0.9));
  }
});
