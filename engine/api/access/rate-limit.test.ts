import assert from "node:assert/strict";
import { test } from "node:test";
import { RateLimit } from "./rate-limit.ts";

test("so many at once, then so many a second, each key for itself", () => {
  const limit = new RateLimit(3, 0.5);
  for (let n = 0; n < 3; n++) {
    assert.equal(limit.wait("a", 0), 0);
    limit.take("a", 0);
  }
  assert.equal(limit.wait("a", 0), 2);
  assert.equal(limit.wait("a", 1), 1);
  assert.equal(limit.wait("a", 2), 0);
  assert.equal(limit.wait("b", 0), 0);
});

test("a clock that steps back gives nothing", () => {
  const limit = new RateLimit(1, 1);
  limit.take("a", 10);
  assert.equal(limit.wait("a", 5), 1);
});

test("ten thousand keys are remembered, the oldest forgotten first", () => {
  const limit = new RateLimit(1, 0.001);
  for (let n = 0; n <= 10_000; n++) limit.take(`k${n}`, 0);
  assert.equal(limit.wait("k0", 0), 0);
  assert.ok(limit.wait("k1", 0) > 0);
});
