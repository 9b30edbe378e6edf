import assert from "node:assert/strict";
import { test } from "node:test";
import { daily, randomNumbers } from "../synthetic.ts";
import { type CandidateInput, type Outcome, trainAtOnce } from "./candidate.ts";
import { RecordedPast } from "./recorded-past.ts";
import { training } from "./training.ts";

const DAY = 48;

const WORKLOADS = [1, 2, 3].map((seed) => Float32Array.from(daily(8 * DAY, DAY, seed)));

function ended<T>(training: Generator<number, T>): T {
  for (;;) {
    const { done, value } = training.next();
    if (done) return value;
  }
}

function run(input: Partial<CandidateInput>): Outcome {
  return trainAtOnce({ series: WORKLOADS, step: 1_800, season: DAY, seed: 1, at: 5, ...input });
}

test("a model of workloads with a pattern beats seasonal naive on what it has not seen; a worse one does not replace it", () => {
  const first = run({ updates: 30 });
  assert.ok("model" in first);
  const { trained } = first.model;
  assert.ok(trained.loss < 0.9 * trained.naiveLoss, `${trained.loss} of ${trained.naiveLoss}`);
  assert.deepEqual([trained.series, trained.ticks, trained.at], [3, 24 * DAY, 5]);
  const second = run({ updates: 15, present: first.model });
  assert.match("kept" in second ? second.kept : "", /no better than the present model's/);
});

test("the same series and seed give the same parameters, another seed gives others", () => {
  const series = WORKLOADS.map((values) => new RecordedPast(values, DAY));
  const shape = { step: 1_800, season: DAY, horizons: [1, 2, 4] };
  const first = ended(training(shape, series, { heldOut: 10, seed: 1, updates: 3 }));
  assert.deepEqual(ended(training(shape, series, { heldOut: 10, seed: 1, updates: 3 })), first);
  assert.notDeepEqual(ended(training(shape, series, { heldOut: 10, seed: 2, updates: 3 })), first);
});

test("what is held out has no part in training", () => {
  const shape = { step: 1_800, season: DAY, horizons: [1, 2, 4] };
  const changed = WORKLOADS.map((values) => values.map((value, t) => (t >= 7 * DAY ? 3 * value : value)));
  const [one, two] = [WORKLOADS, changed].map((workloads) =>
    ended(
      training(
        shape,
        workloads.map((values) => new RecordedPast(values, DAY)),
        { heldOut: DAY, seed: 1, updates: 2 },
      ),
    ),
  );
  assert.deepEqual(two, one);
});

test("what only seasonal naive can forecast yields no model", () => {
  const random = randomNumbers(4);
  const noise = Float32Array.from({ length: DAY }, () => 100 * random());
  const outcome = run({ series: [Float32Array.from({ length: 4 * DAY }, (_, t) => noise[t % DAY])], updates: 2 });
  assert.match("kept" in outcome ? outcome.kept : "", /no better than seasonal naive's/);
});

test("too short a history is refused with what is needed", () => {
  assert.throws(() => run({ series: [new Float32Array(DAY).fill(1)] }), /expected a series of at least \d+ ticks/);
});
