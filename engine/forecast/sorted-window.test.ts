import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SortedWindow } from "./sorted-window.ts";

test("a quantile is that of the last values, whatever came before", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 12 }),
      (values, size) => {
        const window = new SortedWindow(size);
        for (const value of values) window.push(value);
        const last = values.slice(-size).sort((a, b) => a - b);
        assert.equal(window.count, last.length);
        last.forEach((value, i) => {
          assert.equal(window.quantile((i + 1) / (last.length + 1)).toFixed(9), value.toFixed(9));
        });
      },
    ),
  );
});

test("a level that needs more values than there are is the greatest", () => {
  const window = new SortedWindow(10);
  for (const value of [3, 1, 2]) window.push(value);
  assert.equal(window.quantile(0.99), 3);
});

test("a restored window goes on as if nothing had happened", () => {
  const first = new SortedWindow(5);
  for (const value of [5, 3, 9, 1, 7, 2]) first.push(value);
  const second = new SortedWindow(5);
  second.restore(JSON.parse(JSON.stringify(first.snapshot())));
  for (const window of [first, second]) window.push(4);
  assert.equal(second.quantile(0.5), first.quantile(0.5));
  assert.equal(second.quantile(0.2), first.quantile(0.2));
});
