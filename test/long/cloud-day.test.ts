import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { rehearseDay } from "../../engine/replay/rehearse-day.ts";
import { CLOUDS } from "../../stacks/simulated/rehearsal.ts";
import { random } from "../change/kills.ts";

const MINUTES = 1440;
const DAYS = 8;
const START = 20_000 * 86_400;

/** Eight days of a service with a morning and an evening, minute by minute, with noise that is the same each time. */
function trace() {
  const next = random(7);
  const cpu = Float64Array.from({ length: DAYS * MINUTES }, (_, i) => {
    const hour = (i % MINUTES) / 60;
    const bump = (peak: number, width: number) => Math.exp(-(((hour - peak) / width) ** 2));
    return (2 + 9 * bump(9, 2) + 12 * bump(19, 3)) * (0.93 + 0.14 * next());
  });
  return { startsAt: START, step: 60, ticks: cpu.length, series: new Map([["cpu" as const, cpu]]) };
}

for (const cloud of CLOUDS)
  for (const mode of ["auto", "review"] as const)
    test(`a day on a simulated ${cloud}, mode ${mode}: plans come in time, and code, state and cloud agree at the end`, {
      timeout: 3_600_000,
    }, async (t) => {
      const base = mkdtempSync(join(tmpdir(), "foreshadow-day-"));
      after(() => rmSync(base, { recursive: true, force: true }));
      const day = await rehearseDay({
        cloud,
        directory: join(base, "day"),
        trace: trace(),
        from: START + (DAYS - 1) * 86_400,
        to: START + DAYS * 86_400,
        machines: 12,
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
