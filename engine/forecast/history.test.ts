import assert from "node:assert/strict";
import { test } from "node:test";
import { History } from "./history.ts";

test("what no machine could have meant counts as a gap", () => {
  const history = new History(4, 1);
  for (const value of [-1, Number.NaN, Number.POSITIVE_INFINITY, 1e200]) assert.ok(Number.isNaN(history.admit(value)));
  assert.equal(history.admit(0), 0);
});

test("a gap is filled with what is usual there plus the deviation of late", () => {
  const history = new History(4, 1);
  for (let i = 0; i < 3; i++) for (const value of [10, 20, 30, 20]) history.push(value);
  history.push(10);
  history.push(Number.NaN);
  assert.ok(history.isGap(13));
  assert.ok(Math.abs(history.at(13) - 20) < 1e-9);
  assert.equal(history.measured, 13);
});

test("a leap is taken for at most fifty times the greatest of two weeks, so that a real one is through in a few ticks", () => {
  const history = new History(4, 1);
  history.push(2);
  assert.equal(history.admit(1e9), 100);
  history.push(100);
  assert.equal(history.admit(4_000), 4_000);
});
