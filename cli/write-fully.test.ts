import assert from "node:assert/strict";
import type { writeSync } from "node:fs";
import { test } from "node:test";
import { writeFully } from "./write-fully.ts";

/** A descriptor that takes two bytes at a time and fails as told before each. */
function pipe(...failures: (string | undefined)[]) {
  let taken = "";
  const write = ((_: number, bytes: Buffer, at: number) => {
    const code = failures.shift();
    if (code !== undefined) throw Object.assign(new Error(code), { code, syscall: "write" });
    taken += bytes.toString("utf8", at, at + 2);
    return Math.min(2, bytes.length - at);
  }) as typeof writeSync;
  return { write, taken: () => taken };
}

test("a pipe that is full for a while gets all of the text", () => {
  const { write, taken } = pipe(undefined, "EAGAIN", "EAGAIN", undefined);
  assert.equal(writeFully(1, "abcde", write), true);
  assert.equal(taken(), "abcde");
});

test("a reader that has gone ends the writing without an error", () => {
  const { write, taken } = pipe(undefined, "EPIPE");
  assert.equal(writeFully(1, "abcde", write), false);
  assert.equal(taken(), "ab");
});

test("a full disk is an error", () => {
  assert.throws(() => writeFully(1, "abcde", pipe("ENOSPC").write), { code: "ENOSPC" });
});
