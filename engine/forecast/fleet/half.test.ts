import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fromHalf, HALF_NAN, toHalf } from "./half.ts";

test("a number comes back to within four thousandths, and what is not known stays so", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-30, max: 1e30, noNaN: true }), (value) => {
      assert.ok(Math.abs(fromHalf(toHalf(value)) - value) <= 0.004 * value);
    }),
  );
  assert.equal(fromHalf(toHalf(0)), 0);
  assert.ok(Number.isNaN(fromHalf(toHalf(Number.NaN))));
  assert.ok(Number.isNaN(fromHalf(HALF_NAN)));
});
