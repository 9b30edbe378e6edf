import assert from "node:assert/strict";
import { test } from "node:test";
import { KeyReused, OnceForKey } from "./idempotency.ts";

test("a request that is sent again is done once, also while it is under way", async () => {
  const once = new OnceForKey<number>();
  let done = 0;
  const work = async () => ++done;
  assert.deepEqual(await Promise.all([once.run("k", "a", 0, work), once.run("k", "a", 0, work)]), [1, 1]);
  assert.equal(await once.run("k", "a", 86_399, work), 1);
  assert.equal(await once.run("k", "a", 86_400, work), 2);
});

test("a key that another request had is refused, and one that failed is free", async () => {
  const once = new OnceForKey<number>();
  await assert.rejects(
    once.run("k", "a", 0, async () => Promise.reject(new Error("locked"))),
    /locked/,
  );
  assert.equal(await once.run("k", "b", 0, async () => 1), 1);
  assert.throws(() => once.run("k", "a", 0, async () => 2), KeyReused);
});
