import assert from "node:assert/strict";
import { test } from "node:test";
import { randomNumbers } from "../forecast/synthetic.ts";
import { AnomalyDetector } from "./anomaly-detector.ts";
import { DAY } from "./series.fixture.ts";

/** Scores about as normal noise has them: the sum of twelve uniform numbers less six. */
function noise(seed: number): () => number {
  const random = randomNumbers(seed);
  return () => Array.from({ length: 12 }, random).reduce((sum, one) => sum + one, -6);
}

test("noise of the size that is forecast is no anomaly in ten days", () => {
  const next = noise(3);
  const detector = new AnomalyDetector(DAY);
  let told = 0;
  for (let t = 0; t < 10 * DAY; t++) if (detector.update(next()) > 1) told++;
  assert.ok(told <= 1, `${told}`);
});

test("three ticks of three times the usual error are an anomaly, and the side is told", () => {
  const next = noise(4);
  const detector = new AnomalyDetector(DAY);
  for (let t = 0; t < 3 * DAY; t++) detector.update(next());
  assert.ok(Math.max(...[-3, -3, -3].map((score) => detector.update(score))) > 1);
  assert.equal(detector.direction, -1);
});

test("what comes at the same time every day is told once and then no more", () => {
  const next = noise(5);
  const detector = new AnomalyDetector(DAY);
  const told = new Set<number>();
  for (let t = 0; t < 10 * DAY; t++) {
    const batch = t % DAY >= 200 && t % DAY < 203;
    if (detector.update(batch ? 9 : next()) > 1) told.add(Math.floor(t / DAY));
  }
  assert.deepEqual([...told], [0]);
});

test("a series that is often far off has to be farther off", () => {
  const next = noise(6);
  const detector = new AnomalyDetector(DAY);
  let told = 0;
  for (let t = 0; t < 10 * DAY; t++) if (detector.update(6 * next()) > 1 && t > 3 * DAY) told++;
  assert.ok(told < 7 * 6, `${told} ticks in seven days`);
});

test("in the first half of a day nothing is told, and a gap is no score", () => {
  const detector = new AnomalyDetector(DAY);
  for (let t = 0; t < 100; t++) assert.equal(detector.update(50), 0);
  assert.ok(Number.isNaN(detector.update(Number.NaN)));
});

test("a restart in the middle changes nothing", () => {
  const next = noise(7);
  const scores = Array.from({ length: 4 * DAY }, next);
  const whole = new AnomalyDetector(DAY);
  const first = new AnomalyDetector(DAY);
  scores.forEach((score, t) => {
    const ratio = whole.update(score);
    if (t < 2 * DAY) first.update(score);
    else if (t === 2 * DAY) {
      const second = new AnomalyDetector(DAY);
      second.restore(JSON.parse(JSON.stringify(first.snapshot())));
      assert.equal(second.update(score), ratio);
    }
  });
});
