import assert from "node:assert/strict";
import { test } from "node:test";
import { limitIn } from "./throttle.ts";

test("a limit is that of the device and of no other with a similar number", () => {
  const text = "7:10 1048576\n7:1 2097152\n";
  assert.equal(limitIn(text, "7:1"), 2_097_152);
  assert.equal(limitIn(text, "7:0"), null);
  assert.equal(limitIn(undefined, "7:0"), null);
});
