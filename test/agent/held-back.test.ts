import assert from "node:assert/strict";
import { test } from "node:test";
import { heldBackTo, type Want, wanted } from "./held-back.ts";

// A few points of the grid that test/long/held-back.test.ts goes through within a tenth; here other tests fill the machine, and a wait
// that takes longer than an interval is known late.
const TOLERANCE = 0.15;
const points: readonly (readonly [share: number, want: Want])[] = [
  [0.1, { threads: 1, share: 1, period: 100 }],
  [0.5, { threads: 4, share: 1, period: 100 }],
  [0.1, { threads: 16, share: 1, period: 100 }],
  [0.3, { threads: 4, share: 0.25, period: 100 }],
];
for (const [share, want] of points)
  test(`${want.threads} threads that want ${want.share} of a core each are known for it at ${share * 100} % of that`, async (context) => {
    const figures = await heldBackTo(share, want, 8);
    if (figures === undefined) return context.skip("needs root and a CPU controller");
    assert.ok(figures.usage < 1.1 * share * wanted(want), `usage ${figures.usage}: the limit did not hold`);
    const ratio = figures.demand / wanted(want);
    assert.ok(Math.abs(ratio - 1) < TOLERANCE, `demand ${figures.demand}, wanted ${wanted(want)}`);
  });
