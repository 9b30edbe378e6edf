import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { nextPush, pushesOfDay } from "./pull-request-budget.ts";

const DAY = 86_400;

test("four pushes may come at once, the fifth waits 72 minutes", () => {
  assert.equal(nextPush([], 1000), 1000);
  assert.equal(nextPush([1000, 1001, 1002], 1003), 1003);
  assert.equal(nextPush([1000, 1001, 1002, 1003], 1004), 1003 + 72 * 60);
});

test("in no 24 hours there are more than 24, and the branch can be pushed again within 72 minutes of the last or a day of the 24th before", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 3 * 3600 }), { minLength: 30, maxLength: 200 }), (gaps) => {
      const pushes: number[] = [];
      let now = 0;
      for (const gap of gaps) {
        now += gap;
        if (nextPush(pushes, now) <= now) pushes.push(now);
        else assert.ok(nextPush(pushes, now) <= now + DAY);
      }
      for (const end of pushes) assert.ok(pushesOfDay(pushes, end).filter((at) => at <= end).length <= 24);
    }),
  );
});

test("a stack that always has something to push gets 20 a day at least", () => {
  const pushes: number[] = [];
  for (let now = 0; now < 3 * DAY; now += 60) if (nextPush(pushes, now) <= now) pushes.push(now);
  for (let day = 0; day < 3; day++)
    assert.ok(pushes.filter((at) => at >= day * DAY && at < (day + 1) * DAY).length >= 20);
});
