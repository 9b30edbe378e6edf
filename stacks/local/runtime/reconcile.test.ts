import assert from "node:assert/strict";
import { test } from "node:test";
import { isConverged, type Replica, reconcile } from "./reconcile.ts";

const ready = (replica: number): Replica => ({ replica, state: "ready", obsolete: false });
const starting = (replica: number): Replica => ({ ...ready(replica), state: "starting" });
const draining = (replica: number): Replica => ({ ...ready(replica), state: "draining" });
const obsolete = (replica: number): Replica => ({ ...ready(replica), obsolete: true });

test("missing workers take the lowest numbers that nobody has, not even one that drains", () => {
  assert.deepEqual(reconcile(3, [ready(2), draining(1)]), { start: [3, 4], drain: [] });
});

test("surplus workers go from the highest number, those still starting first", () => {
  assert.deepEqual(reconcile(1, [ready(1), ready(2), ready(3)]), { start: [], drain: [3, 2] });
  assert.deepEqual(reconcile(2, [starting(1), ready(2), ready(3)]), { start: [], drain: [1] });
});

test("an obsolete worker stays until the wanted number is ready without it", () => {
  assert.deepEqual(reconcile(1, [obsolete(1)]), { start: [2], drain: [] });
  assert.deepEqual(reconcile(1, [obsolete(1), starting(2)]), { start: [], drain: [] });
  assert.deepEqual(reconcile(1, [obsolete(1), ready(2)]), { start: [], drain: [1] });
});

test("a pool of none drains all", () => {
  assert.deepEqual(reconcile(0, [ready(1), starting(2)]).drain.toSorted(), [1, 2]);
});

test("converged is neither before the last is ready nor before the last has gone", () => {
  assert.equal(isConverged(2, [ready(1), ready(2)]), true);
  assert.equal(isConverged(2, [ready(1), starting(2)]), false);
  assert.equal(isConverged(1, [ready(1), draining(2)]), false);
  assert.equal(isConverged(1, [obsolete(1)]), false);
  assert.equal(isConverged(0, []), true);
});
