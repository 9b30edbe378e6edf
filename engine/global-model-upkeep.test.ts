import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { CandidateInput, Outcome } from "./forecast/lstm/candidate.ts";
import { createGlobalModel, decodeModel, encodeModel } from "./forecast/lstm/model-file.ts";
import { initialParameters } from "./forecast/lstm/network.ts";
import { randomNumbers } from "./forecast/synthetic.ts";
import { GlobalModelUpkeep } from "./global-model-upkeep.ts";

const STEP = 60;
const SEASON = 48 * STEP;
const DAY = 86_400;
const NOW = 100 * DAY;
const SHAPE = { step: STEP, season: 48, horizons: [1, 2] };

function model(seed: number) {
  const trained = { at: NOW, series: 1, ticks: 96, loss: 0.5, naiveLoss: 1 };
  return createGlobalModel(SHAPE, initialParameters(SHAPE, randomNumbers(seed)), trained);
}

/** An upkeep over one workload, whose CPU is known for so many seasons, and a trainer that answers as told. */
function upkeep(
  t: TestContext,
  seasons: number,
  answer: (input: CandidateInput, signal: AbortSignal) => Promise<Outcome>,
) {
  const directory = mkdtempSync(join(tmpdir(), "upkeep-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const file = join(directory, "models", "global.json");
  const asked: CandidateInput[] = [];
  const said: string[] = [];
  const kept = new Map<string, string>();
  const make = () =>
    new GlobalModelUpkeep({
      file,
      workloads: ["web"],
      step: STEP,
      season: SEASON,
      usage: {
        demand: async (_, series, from, to, step) => ({
          from,
          step,
          values: Float64Array.from({ length: Math.ceil((to - from) / step) }, (_, i) =>
            series === "cpu" && from + i * step >= NOW - seasons * SEASON ? 1 : Number.NaN,
          ),
        }),
      },
      control: {
        value: async (key) => kept.get(key),
        setValue: async (key, value) => {
          kept.set(key, value);
        },
      },
      trainer: {
        train: (input, signal) => {
          asked.push(input);
          return answer(input, signal);
        },
      },
      startedAt: NOW - 3_600,
      say: (text) => said.push(text),
    });
  return { file, make, asked, said };
}

test("with two seasons of history a model is trained, used, and found again by the next engine", async (t) => {
  const trained = model(1);
  const { file, make, asked } = upkeep(t, 3, async () => ({ model: trained }));
  const first = make();
  assert.equal(first.current, undefined);
  assert.match(first.absence, /no trained model yet; training begins with 2 seasons of history/);
  await first.tend(NOW);
  assert.equal(first.current, trained);
  assert.deepEqual(
    asked.map(({ series, season }) => [series.map(({ length }) => length), season]),
    [[[3 * 48], 48]],
  );
  assert.deepEqual(make().current, trained);
  assert.deepEqual(decodeModel(readFileSync(file, "utf8"), file), trained);
});

test("too little history, and the first minutes of an engine, begin no training", async (t) => {
  const short = upkeep(t, 1.5, async () => ({ kept: "" }));
  await short.make().tend(NOW);
  const early = upkeep(t, 3, async () => ({ kept: "" }));
  await early.make().tend(NOW - 3_540);
  assert.deepEqual([short.asked.length, early.asked.length], [0, 0]);
});

test("there is one training a day, whatever comes of it and however often the engine starts", async (t) => {
  const { make, asked, said } = upkeep(t, 3, async () => ({ kept: "it is no better" }));
  const one = make();
  await one.tend(NOW);
  await one.tend(NOW + STEP);
  await make().tend(NOW + DAY - 1);
  assert.equal(asked.length, 1);
  assert.deepEqual(said, ["global model: none yet: it is no better"]);
  await one.tend(NOW + DAY);
  assert.equal(asked.length, 2);
});

test("a training that fails is told, and the model there is stays", async (t) => {
  const answers = [
    async () => ({ model: model(2) }),
    () => Promise.reject(new Error("the training process ended with 1")),
  ];
  const { make, asked, said } = upkeep(t, 3, () => answers.shift()!());
  const one = make();
  await one.tend(NOW);
  await one.tend(NOW + DAY);
  assert.deepEqual(asked[1].present, model(2));
  assert.deepEqual(one.current, model(2));
  assert.deepEqual(said, ["global model: the training process ended with 1"]);
});

test("a damaged file is told, and not used", async (t) => {
  const { file, make, said } = upkeep(t, 3, async () => ({ model: model(1) }));
  await make().tend(NOW);
  writeFileSync(file, encodeModel(model(1)).replace('"season":48', '"season":49'));
  const { current, absence } = make();
  assert.equal(current, undefined);
  assert.match(absence, /the trained model cannot be used: .*global\.json: expected content of the digest/);
  assert.match(said[0], /the next training writes it anew/);
});

test("a stop ends the training that is under way, silently", async (t) => {
  const { make, said } = upkeep(
    t,
    3,
    (_, signal) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("the training was stopped")))),
  );
  const one = make();
  const working = one.tend(NOW);
  await one.stop();
  await working;
  assert.deepEqual(said, []);
});
