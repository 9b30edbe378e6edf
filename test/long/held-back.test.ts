import assert from "node:assert/strict";
import { test } from "node:test";
import { heldBackTo, wanted } from "../agent/held-back.ts";

/** Threads that never sleep, and such that sleep three quarters of the time, in turns of a tenth of a second and of one. */
const KINDS = [
  { share: 1, period: 100 },
  { share: 0.25, period: 100 },
  { share: 0.25, period: 1000 },
];
/** A limit below this a thread stretches turns of a second to more than the run takes. */
const LEAST_LONG_TURNS = 0.3;

for (const { share, period } of KINDS)
  for (const threads of [1, 4, 16])
    for (const limit of [0.1, 0.3, 0.5, 0.8]) {
      if (period === 1000 && limit < LEAST_LONG_TURNS) continue;
      const want = { threads, share, period };
      test(`${threads} threads, ${share} of a core each in turns of ${period} ms, at ${limit * 100} % of that`, async (context) => {
        const figures = await heldBackTo(limit, want, 20);
        if (figures === undefined) return context.skip("needs root and a CPU controller");
        assert.ok(figures.usage < 1.1 * limit * wanted(want), `usage ${figures.usage}: the limit did not hold`);
        const ratio = figures.demand / wanted(want);
        context.diagnostic(`ratio ${ratio.toFixed(3)}`);
        assert.ok(ratio > 0.9 && ratio < 1.1, `demand ${figures.demand}, wanted ${wanted(want)}`);
      });
    }
