import assert from "node:assert/strict";
import { test } from "node:test";
import { ModelKeeping } from "./model-keeping.ts";

test("the state is kept when it is due, one time after the other, and at the end; a failure is told", async () => {
  const said: string[] = [];
  const finish: (() => void)[] = [];
  let fails = false;
  const keeping = new ModelKeeping({
    every: 900,
    startedAt: 1000,
    keep: async () => {
      if (fails) throw new Error("the disk is full");
      return { kept: new Promise((resolve) => finish.push(resolve)) };
    },
    say: (text) => said.push(text),
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  keeping.tend(1060);
  await turn();
  assert.equal(finish.length, 0);
  keeping.tend(1900);
  await turn();
  keeping.tend(2900);
  await turn();
  assert.equal(finish.length, 1, "not while the last is under way");
  finish[0]();
  await turn();
  keeping.tend(2960);
  await turn();
  assert.equal(finish.length, 2);
  fails = true;
  const ended = keeping.now();
  finish[1]();
  await ended;
  assert.deepEqual(said, ["the forecasts' state was not kept: the disk is full"]);
});
