import assert from "node:assert/strict";
import { test } from "node:test";
import { FunctionGrowth } from "./function-growth.ts";
import { WorkloadPace } from "./workload-pace.ts";

const share = (name: string, part: number) => ({ name, file: "a.js", share: part });

test("functions are compared with the profile before the growth, for as long as it lasts", () => {
  const growth = new FunctionGrowth();
  const usual = growth.tell("node web", [share("a", 0.75), share("b", 0.25)], 1, 0);
  assert.deepEqual(usual, [
    { name: "a", file: "a.js", cpu: 0.75 },
    { name: "b", file: "a.js", cpu: 0.25 },
  ]);
  for (const at of [600, 1200]) {
    const grown = growth.tell("node web", [share("c", 0.5), share("a", 0.375)], 2, at);
    assert.deepEqual(grown, [
      { name: "c", file: "a.js", cpu: 1, before: 0 },
      { name: "a", file: "a.js", cpu: 0.75, before: 0.75 },
    ]);
  }
  const settled = growth.tell("node web", [share("c", 1)], 2, 3700);
  assert.deepEqual(settled, [{ name: "c", file: "a.js", cpu: 2 }], "an hour later it is the usual");
  assert.equal(growth.tell("node web", [share("c", 1)], 2.1, 3800)[0].before, 2);
  assert.equal(growth.tell("node other", [share("c", 1)], 2, 3800)[0].before, undefined);
});

test("ten functions are told, none with less than a hundredth", () => {
  const many = Array.from({ length: 30 }, (_, i) => share(`f${i}`, i < 12 ? 0.08 : 0.001));
  assert.equal(new FunctionGrowth().tell("p", many, 1, 0).length, 10);
  assert.equal(new FunctionGrowth().tell("p", many.slice(10), 1, 0).length, 2);
});

test("a round is due at first, at times, and when a workload grows, at most once a minute", () => {
  const pace = new WorkloadPace(600);
  const due: number[] = [];
  for (let now = 0; now < 1500; now++) {
    const cpu = now >= 200 && now < 400 ? 2 : 1;
    if (!pace.due(cpu, 1, now)) continue;
    due.push(now);
    pace.begun(cpu, now);
  }
  assert.deepEqual(due, [0, 204, 804, 1404]);
});

test("a workload that nobody measures is not profiled", () => {
  assert.equal(new WorkloadPace(600).due(Number.NaN, 1, 0), false);
});
