import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Kill } from "../change/kills.ts";
import { createKillGround, type KillGround, surviveOnCloud } from "../clouds/kill-ground.ts";

const DAY = 86_400;

/** Chosen points; `cloud-kill-matrix.test.ts` has all of them. */
const CHANGES: readonly (readonly Kill[])[] = [
  [
    { victim: "engine", moment: "applying", milliseconds: 0 },
    { victim: "provider", moment: "up", milliseconds: 3500 },
  ],
  [
    { victim: "engine and pulumi", moment: "up", milliseconds: 4000 },
    { victim: "runner", moment: "verify", milliseconds: 500 },
  ],
];

describe("kill -9 while a stack on a simulated AWS is changed", { timeout: 600_000 }, () => {
  let ground: KillGround;
  before(async () => {
    ground = await createKillGround(0.4);
  });
  after(() => ground?.remove());

  for (const [i, kills] of CHANGES.entries())
    it(`${kills.map(({ victim, moment }) => `${victim} at ${moment}`).join(", ")}: nothing is lost or done twice`, async () => {
      const at = Math.ceil(Date.now() / 1000 / 60) * 60 + DAY;
      const delivered = await surviveOnCloud(ground, { floor: 3 + i, at, gibibytes: 101 + i }, kills);
      assert.ok(delivered.length > 0, "at least one kill came about");
    });
});
