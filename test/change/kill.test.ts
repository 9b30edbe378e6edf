import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LONG_RUN } from "../long-run.ts";
import { survive } from "./file-kills.ts";
import { createFileWorld } from "./file-world.ts";
import { type Kill, MOMENTS, random, VICTIMS } from "./kills.ts";

const KILLS = Number(process.env.FORESHADOW_KILLS ?? (LONG_RUN ? 20 : 10));
const SEED = Number(process.env.FORESHADOW_SEED ?? 20261124);

describe("kill -9 at random points of a changeset", { timeout: 1_200_000 }, () => {
  it(`${KILLS} kills (seed ${SEED}): nothing is lost or done twice, no living owner's lock is broken, the ledger verifies`, async (t) => {
    const world = await createFileWorld();
    const next = random(SEED);
    const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(next() * items.length)];
    const delivered: Kill[] = [];
    for (let round = 1; delivered.length < KILLS; round++) {
      const kills = Array.from({ length: Math.min(3, KILLS - delivered.length) }, () => ({
        victim: pick(VICTIMS),
        moment: pick(MOMENTS),
        milliseconds: Math.floor(next() * 2000),
      }));
      kills.sort((a, b) => MOMENTS.indexOf(a.moment) - MOMENTS.indexOf(b.moment));
      const landed = await survive(world, { replicas: 2 + round, gibibytes: 10 + Math.floor(round / 3) }, kills);
      t.diagnostic(`round ${round}: ${landed.map((kill) => `${kill.victim} at ${kill.moment}+${kill.milliseconds}`)}`);
      delivered.push(...landed);
    }
    assert.equal(delivered.length, KILLS);
    world.remove();
  });
});
