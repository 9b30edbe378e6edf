import assert from "node:assert/strict";
import { test } from "node:test";
import { playSequence } from "./sequences.ts";

/** `FORESHADOW_SEED=17` plays that one alone. */
const ONLY = process.env.FORESHADOW_SEED;
const SEQUENCES = 100;
/** Seeds that once found a fault: a change that was pushed, moved and grew too old stayed on the branch. */
const FOUND = [189, 201, 255];

test("random sequences of demand, faults, hands and approvals leave what must hold", {
  timeout: 600_000,
}, async (t) => {
  const seeds = ONLY === undefined ? [...Array.from({ length: SEQUENCES }, (_, i) => i + 1), ...FOUND] : [Number(ONLY)];
  let [changesets, applied] = [0, 0];
  for (const seed of seeds) {
    const played = await playSequence(seed);
    changesets += played.changesets;
    applied += played.applied;
  }
  assert.ok(ONLY !== undefined || applied >= SEQUENCES, `it acted: ${applied} changes were applied`);
  t.diagnostic(`${seeds.length} sequences, ${changesets} changesets, ${applied} applied`);
});
