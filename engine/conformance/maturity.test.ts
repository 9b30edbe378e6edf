import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { maturityOf, maturityText, type Outcome, readMaturity, recordOutcome } from "./maturity.ts";

const outcome = (over: Partial<Outcome>): Outcome => ({
  target: "aws",
  maturity: "simulated",
  at: Date.UTC(2026, 10, 24) / 1000,
  with: "@pulumi/aws 7.48.0, Pulumi 3.259.0",
  behaviours: 7,
  failed: [],
  ...over,
});

test("the newest outcome of each target and maturity is kept", (t) => {
  const store = mkdtempSync(join(tmpdir(), "foreshadow-maturity-"));
  t.after(() => rmSync(store, { recursive: true }));
  assert.deepEqual(readMaturity(store), []);
  for (const one of [outcome({}), outcome({ target: "gcp" }), outcome({ maturity: "real" }), outcome({ at: 9 })])
    recordOutcome(store, one);
  assert.deepEqual(
    readMaturity(store).map(({ target, maturity, at }) => `${target} ${maturity} ${at === 9}`),
    ["gcp simulated false", "aws real false", "aws simulated true"],
  );
  writeFileSync(join(store, "maturity.json"), '{"version":2}');
  assert.deepEqual(readMaturity(store), [], "a record of another form counts for nothing");
});

test("a target is what held entirely; where nothing did, its newest outcome", () => {
  const failed = outcome({ maturity: "real", failed: ["a volume grows: refused"], at: 9 });
  const emulated = outcome({ maturity: "emulated" });
  assert.equal(maturityOf([outcome({}), emulated, failed], "aws"), emulated);
  assert.equal(maturityOf([failed], "aws"), failed);
  assert.equal(maturityOf([failed], "gcp"), undefined);
  assert.equal(maturityText(emulated), "emulated, 2026-11-24, @pulumi/aws 7.48.0, Pulumi 3.259.0: 7 of 7 behaviours");
  assert.match(maturityText(failed), /^real, .*: 6 of 7 behaviours; not a volume grows: refused$/);
});
