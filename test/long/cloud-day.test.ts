import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { CLOUDS } from "../../stacks/simulated/rehearsal.ts";
import { rehearsePeaks } from "../clouds/two-peaks.ts";

for (const cloud of CLOUDS)
  for (const mode of ["auto", "review"] as const)
    test(`a day on a simulated ${cloud}, mode ${mode}: plans come in time, and code, state and cloud agree at the end`, {
      timeout: 3_600_000,
    }, async (t) => {
      const base = mkdtempSync(join(tmpdir(), "foreshadow-day-"));
      after(() => rmSync(base, { recursive: true, force: true }));
      const day = await rehearsePeaks({
        cloud,
        directory: join(base, "day"),
        mode,
        say: (text) => t.diagnostic(text),
      });
      t.diagnostic(JSON.stringify(day));
      assert.equal(day.ticks, 288);
      assert.ok(day.changesets.done >= 10, `it acted: ${JSON.stringify(day.changesets)}`);
      assert.deepEqual(
        Object.keys(day.changesets).filter((state) => !["done", "superseded"].includes(state)),
        [],
      );
      assert.deepEqual(day.drift, []);
      assert.ok(day.ledger.valid);
      assert.ok(day.writes > 0);
      assert.deepEqual(day.unapproved, []);
      if (mode === "review") {
        const { approvals, requests, mostOpen, pushes } = day.review!;
        assert.ok(approvals.envelope > 0 && approvals.merge > 0, JSON.stringify(approvals));
        assert.ok(requests > 0);
        assert.equal(mostOpen, 1);
        assert.ok(pushes.requests <= 24, JSON.stringify(pushes));
      }
      assert.ok(day.shortTicks.foreshadow < day.shortTicks.nativeOnly, JSON.stringify(day.shortTicks));
    });
