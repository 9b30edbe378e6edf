import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fillRate } from "./fill-rate.ts";

describe("how fast a volume fills", () => {
  const filling = Array.from({ length: 40 }, (_, t) => 1000 + 60 * t);

  it("is the slope of what was used", () => assert.equal(fillRate(filling, 60), 1));

  it("is not moved by one clean-up, nor by gaps", () => {
    const cleaned = filling.map((value, t) => (t === 30 ? Number.NaN : t > 35 ? value - 800 : value));
    const rate = fillRate(cleaned, 60);
    assert.ok(rate > 0.5 && rate <= 1, String(rate));
  });

  it("is zero where things are removed, and while there is too little to tell", () => {
    assert.equal(fillRate([...filling].reverse(), 60), 0);
    assert.equal(fillRate([1, 2, 3, 4], 60), 0);
    assert.equal(fillRate([], 60), 0);
  });
});
