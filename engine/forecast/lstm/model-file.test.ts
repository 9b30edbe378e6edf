import assert from "node:assert/strict";
import { test } from "node:test";
import { randomNumbers } from "../synthetic.ts";
import { createGlobalModel, decodeModel, encodeModel } from "./model-file.ts";
import { initialParameters } from "./network.ts";

const SHAPE = { step: 60, season: 96, horizons: [1, 4] };
const MODEL = createGlobalModel(SHAPE, initialParameters(SHAPE, randomNumbers(1)), {
  at: 1_000,
  series: 2,
  ticks: 500,
  loss: 0.5,
  naiveLoss: 1,
});
const TEXT = encodeModel(MODEL);

test("a model comes back from its file as it was", () => {
  assert.deepEqual(decodeModel(TEXT, "m.json"), MODEL);
});

test("a damaged file is refused, with its name and what to expect", () => {
  assert.throws(
    () => decodeModel(TEXT.slice(0, 200), "m.json"),
    /^Error: m\.json: expected a global model in JSON, found /,
  );
  assert.throws(
    () => decodeModel(TEXT.replace('"season":96', '"season":95'), "m.json"),
    /expected content of the digest/,
  );
  assert.throws(() => decodeModel("null", "m.json"), /expected the format foreshadow.global-model, found none/);
});

test("a file of something else, or of another version, is refused", () => {
  assert.throws(
    () => decodeModel('{"format":"x"}', "m.json"),
    /expected the format foreshadow.global-model, found "x"/,
  );
  assert.throws(() => decodeModel(TEXT.replace('"version":1', '"version":2'), "m.json"), /expected version 1, found 2/);
});

test("a file whose digest is right and whose content cannot be is refused", () => {
  const wrong = (change: object) =>
    encodeModel({
      ...MODEL,
      ...change,
      digest: createGlobalModel(
        { ...SHAPE, ...(change as { shape?: object }).shape },
        (change as { parameters?: Float32Array }).parameters ?? MODEL.parameters,
        MODEL.trained,
      ).digest,
    });
  assert.throws(() => decodeModel(wrong({ shape: { ...SHAPE, horizons: [4, 1] } }), "m.json"), /ascending horizons/);
  assert.throws(
    () => decodeModel(wrong({ shape: { ...SHAPE, horizons: [1, 2, 4, 8] } }), "m.json"),
    /expected \d+ parameters/,
  );
  const nan = MODEL.parameters.slice().fill(Number.NaN, 7, 8);
  assert.throws(() => decodeModel(wrong({ parameters: nan }), "m.json"), /expected finite parameters/);
});
