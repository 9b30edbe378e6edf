import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { horizonGrid } from "./horizons.ts";

test("horizons ascend from the next tick to the last one asked for, at most twenty", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), (last) => {
      const grid = horizonGrid(last);
      assert.equal(grid[0], 1);
      assert.equal(grid[grid.length - 1], last);
      assert.ok(grid.length <= 20);
      assert.ok(grid.every((ahead, i) => Number.isInteger(ahead) && (i === 0 || ahead > grid[i - 1])));
    }),
  );
});
