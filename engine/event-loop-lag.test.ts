import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { measureEventLoopLag } from "./event-loop-lag.ts";

test("a loop that is held up is seen to lag", async () => {
  const lag = measureEventLoopLag();
  await sleep(60);
  const until = performance.now() + 160;
  while (performance.now() < until);
  await sleep(10);
  lag.stop();
  const { bounds, counts, sum } = lag.figures;
  const late = counts.reduce((total, count, i) => total + ((bounds[i] ?? Infinity) > 0.1 ? count : 0), 0);
  assert.equal(late, 1, JSON.stringify(counts));
  assert.ok(sum > 0.1, `${sum}`);
});
