import assert from "node:assert/strict";
import { test } from "node:test";
import { paced } from "./output.ts";

function told(terminal: boolean): string[] {
  const lines: string[] = [];
  let now = 0;
  const tell = paced({ terminal, progress: (text) => void lines.push(text) }, () => now);
  for (; now < 30; now += 0.05) tell(() => `${Math.round(now)} s`);
  return lines;
}

test("progress comes often on a terminal, and as a line every ten seconds in a pipe", () => {
  assert.ok(told(true).length > 100);
  assert.equal(told(false).length, 2);
});
