import assert from "node:assert/strict";
import { test } from "node:test";
import type { TaskExit } from "../native/task-exits.ts";
import { ShortLived, shortLivedMeasures } from "./short-lived.ts";

function exit(pid: number, parent: number, ran = 0.1, tid = pid, name = "sh"): TaskExit {
  return { tid, pid, parent, name, ran };
}

const none = { seconds: new Map<string, number>(), count: 0 };

test("the workload's are those whose ancestors are, however far and in whatever order they ended", () => {
  const exits = [exit(30, 20), exit(20, 10), exit(40, 39), exit(50, 1), exit(10, 1)];
  const { count, seconds } = new ShortLived().claim(exits, (pid) => pid === 10);
  assert.equal(count, 2, "30 and 20; 10 is sampled, 40 and 50 are others'");
  assert.deepEqual([...seconds], [["sh", 0.2]]);
});

test("a process whose parent ended the tick before is the workload's still", () => {
  const shortLived = new ShortLived();
  shortLived.claim([exit(20, 10)], (pid) => pid === 10);
  assert.equal(shortLived.claim([exit(30, 20)], () => false).count, 1);
  assert.equal(shortLived.claim([exit(31, 20)], () => false).count, 0);
});

test("threads add to their process and are none of their own; processes that are each other's parents end the search", () => {
  const exits = [exit(20, 10, 0.25, 21), exit(20, 10, 0.5), exit(60, 61), exit(61, 60)];
  const { count, seconds } = new ShortLived().claim(exits, (pid) => pid === 10);
  assert.equal(count, 1);
  assert.equal(seconds.get("sh"), 0.75);
});

test("ended processes and the rest together are what the cgroup used beyond those sampled", () => {
  const ended = {
    seconds: new Map([
      ["sh", 0.2],
      ["cc", 0.4],
    ]),
    count: 3,
  };
  const measures = shortLivedMeasures(ended, 0.5, 1, 2);
  assert.deepEqual(
    measures.map(({ executable, usage }) => [executable, Number(usage.cpu?.toFixed(9))]),
    [
      ["cc (ended)", 0.2],
      ["sh (ended)", 0.1],
      ["short-lived", 0.2],
    ],
  );
});

test("without records the rest is told when it is more than the clock's coarseness; without a cgroup the records alone are", () => {
  assert.equal(shortLivedMeasures(none, 0.01, 1, 1).length, 0);
  assert.equal(shortLivedMeasures(none, 0.1, 1, 1)[0].usage.cpu, 0.1);
  assert.deepEqual(
    shortLivedMeasures({ seconds: new Map([["sh", 0.3]]), count: 1 }, Number.NaN, 1, 1).map(({ usage }) => usage.cpu),
    [0.3],
  );
});
