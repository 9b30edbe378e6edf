import assert from "node:assert/strict";
import { test } from "node:test";
import { daily } from "../synthetic.ts";
import { createTrainer } from "./trainer-process.ts";

const DAY = 48;
const INPUT = {
  series: [1, 2, 3].map((seed) => Float32Array.from(daily(8 * DAY, DAY, seed))),
  step: 1_800,
  season: DAY,
  seed: 1,
  at: 5,
};
const NEVER = new AbortController().signal;

test("a child process trains and hands the model over", async () => {
  const outcome = await createTrainer().train({ ...INPUT, updates: 30 }, NEVER);
  assert.ok("model" in outcome, JSON.stringify(outcome));
  assert.ok(outcome.model.parameters instanceof Float32Array);
  assert.match(outcome.model.digest, /^[0-9a-f]{64}$/);
});

test("why nothing came of it is told", async () => {
  const series = [new Float32Array(DAY).fill(1)];
  await assert.rejects(createTrainer().train({ ...INPUT, series }, NEVER), /expected a series of at least/);
});

test("a training is given up after its budget, and ends at the signal", async () => {
  const long = { ...INPUT, series: [Float32Array.from(daily(400 * DAY, DAY, 1))] };
  await assert.rejects(createTrainer({ budget: 50 }).train(long, NEVER), /given up after 0\.05 s/);
  const abort = new AbortController();
  const training = createTrainer().train(long, abort.signal);
  abort.abort();
  await assert.rejects(training, /the training was stopped/);
  await assert.rejects(createTrainer().train(long, abort.signal), /the training was stopped/);
});
