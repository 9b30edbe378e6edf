import { test } from "node:test";
import { playSequence } from "../change/sequences.ts";

const SEQUENCES = 1000;

test(`${SEQUENCES} random sequences beyond those of the short run`, { timeout: 3_600_000 }, async (t) => {
  let [changesets, applied] = [0, 0];
  for (let seed = 101; seed <= 100 + SEQUENCES; seed++) {
    const played = await playSequence(seed);
    changesets += played.changesets;
    applied += played.applied;
  }
  t.diagnostic(`${changesets} changesets, ${applied} applied`);
});
