import assert from "node:assert/strict";
import { test } from "node:test";
import { describeFunction, growingFunction } from "./growing-function.ts";

test("without an earlier profile it is the function that uses most, over all processes", () => {
  const one = growingFunction([
    [
      { name: "a", file: "x.js", cpu: 0.3 },
      { name: "b", cpu: 0.4 },
    ],
    [{ name: "a", file: "x.js", cpu: 0.3 }],
  ]);
  assert.deepEqual(one, { name: "a", file: "x.js", share: 0.6, grown: false });
  assert.equal(describeFunction({ name: "a", file: "x.js" }), "a (x.js)");
  assert.equal(describeFunction({ name: "b" }), "b");
});

test("with one it is the function that grew most, whatever uses most", () => {
  const one = growingFunction([
    [
      { name: "a", cpu: 2, before: 2 },
      { name: "b", cpu: 0.75, before: 0 },
      { name: "c", cpu: 0.5, before: 0.25 },
      { name: "d", cpu: 0, before: 1 },
    ],
  ]);
  assert.deepEqual(one, { name: "b", share: 0.75, grown: true });
});

test("what differs between two profiles by noise is no growth", () => {
  const one = growingFunction([
    [
      { name: "a", cpu: 1, before: 1 },
      { name: "b", cpu: 0.2, before: 0.1 },
    ],
  ]);
  assert.deepEqual([one?.name, one?.grown], ["a", false]);
});

test("no function is named where none has a fifth, nor where nothing was profiled", () => {
  assert.equal(growingFunction([Array.from({ length: 10 }, (_, i) => ({ name: `f${i}`, cpu: 0.1 }))]), undefined);
  assert.equal(growingFunction([]), undefined);
});
