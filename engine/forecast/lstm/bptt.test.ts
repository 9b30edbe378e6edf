import assert from "node:assert/strict";
import { test } from "node:test";
import { randomNumbers } from "../synthetic.ts";
import { Adam } from "./adam.ts";
import { Bptt } from "./bptt.ts";
import { INPUTS, REGRESSORS } from "./inputs.ts";
import { createBatch } from "./lstm-batch.ts";
import { HIDDEN, initialParameters, layoutOf, ROW } from "./network.ts";

const SHAPE = { step: 60, season: 96, horizons: [1, 2, 4] };
const LANES = 4;
const TICKS = 5;

function stretch(seed: number): Bptt {
  const random = randomNumbers(seed);
  const bptt = new Bptt(SHAPE, LANES, TICKS);
  bptt.parameters.set(initialParameters(SHAPE, random));
  for (let row = 0; row < LANES * TICKS; row++) {
    for (let j = 0; j < INPUTS; j++) bptt.rows[row * ROW + j] = 2 * random() - 1;
    for (let j = 0; j < SHAPE.horizons.length * REGRESSORS; j++)
      bptt.regressors[row * bptt.columns + j] = 2 * random() - 1;
  }
  for (let i = 0; i < bptt.targets.length; i++) {
    bptt.targets[i] = i % 7 === 0 ? Number.NaN : 2 * random() - 1;
    bptt.weights[i] = 0.5 + random();
  }
  return bptt;
}

test("the gradient is that of finite differences, in every part of the parameters", () => {
  const bptt = stretch(5);
  const { cell, cellBias, head, headBias, length } = layoutOf(SHAPE);
  bptt.lossAndGradient();
  const gradient = bptt.gradient.slice();
  const random = randomNumbers(8);
  const step = 0.01;
  const recurrent = cell + INPUTS * 4 * HIDDEN;
  for (const [from, to] of [
    [cell, recurrent],
    [recurrent, cellBias],
    [cellBias, head],
    [head, headBias],
    [headBias, headBias + SHAPE.horizons.length * REGRESSORS],
  ]) {
    let [differences, squares, checked] = [0, 0, 0];
    for (let n = 0; n < 60; n++) {
      const i = from + Math.floor(random() * (to - from));
      const before = bptt.parameters[i];
      bptt.parameters[i] = before + step;
      const above = bptt.loss();
      bptt.parameters[i] = before - step;
      const below = bptt.loss();
      bptt.parameters[i] = before;
      const numeric = (above - below) / (2 * step);
      differences += (numeric - gradient[i]) ** 2;
      squares += numeric ** 2;
      checked++;
    }
    assert.ok(squares > 0);
    assert.ok(
      Math.sqrt(differences / squares) < 0.01,
      `of ${checked} from ${from}: ${Math.sqrt(differences / squares)}`,
    );
  }
  for (let i = headBias + SHAPE.horizons.length * REGRESSORS; i < length; i++) assert.equal(gradient[i], 0);
});

test("Adam lowers the loss of a stretch that it sees again and again", () => {
  const bptt = stretch(6);
  const adam = new Adam(bptt.parameters.length);
  const before = bptt.loss();
  for (let n = 0; n < 200; n++) {
    bptt.lossAndGradient();
    adam.step(bptt.parameters, bptt.gradient, 0.01, 1, 0);
  }
  assert.ok(bptt.loss() < 0.2 * before, `${bptt.loss()} of ${before}`);
});

test("a batch, tick by tick, says what training's stretch says, and state that was carried on continues it", () => {
  const bptt = stretch(7);
  const batch = createBatch({ shape: SHAPE, parameters: bptt.parameters }, LANES);
  // With the batch's own answers as targets nothing is left to be wrong about.
  for (const round of [0, 1]) {
    for (let t = 0; t < TICKS; t++) {
      for (let lane = 0; lane < LANES; lane++) {
        const row = t * LANES + lane;
        batch.rows.set(bptt.rows.subarray(row * ROW, row * ROW + INPUTS), lane * batch.stride);
      }
      batch.step();
      for (let lane = 0; lane < LANES; lane++)
        SHAPE.horizons.forEach((ahead, k) => {
          const row = t * LANES + lane;
          const at = row * bptt.columns + k * REGRESSORS;
          bptt.targets[row * SHAPE.horizons.length + k] = batch.deviation(lane, ahead, bptt.regressors, at);
        });
    }
    assert.ok(bptt.loss() < 1e-9, `round ${round}: ${bptt.loss()}`);
    bptt.carry();
  }
});
