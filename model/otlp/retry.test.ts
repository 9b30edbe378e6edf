import assert from "node:assert/strict";
import { test } from "node:test";
import { retryAfter, retryDelay } from "./retry.ts";

test("waits double up to a quarter of a minute, and half of each is random", () => {
  const waits = (random: number) => [1, 2, 3, 4, 5, 6, 5000].map((failures) => retryDelay(failures, undefined, random));
  assert.deepEqual(waits(1), [1, 2, 4, 8, 15, 15, 15]);
  assert.deepEqual(waits(0), [0.5, 1, 2, 4, 7.5, 7.5, 7.5]);
});

test("what the receiver asks for is never undercut, up to five minutes", () => {
  assert.equal(retryDelay(1, 20, 0), 20);
  assert.equal(retryDelay(9, 20, 1), 22);
  assert.equal(retryDelay(1, 1e9, 0), 300);
});

test("Retry-After is seconds or a date", () => {
  const now = Date.parse("2026-11-24T08:00:00Z") / 1000;
  assert.equal(retryAfter("7", now), 7);
  assert.equal(retryAfter("Tue, 24 Nov 2026 08:00:30 GMT", now), 30);
  for (const nothing of [undefined, "", "0", "-3", "soon", "Tue, 24 Nov 2026 07:59:00 GMT"])
    assert.equal(retryAfter(nothing, now), undefined);
});
