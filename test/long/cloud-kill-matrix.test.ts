import { after, describe, it } from "node:test";
import { MOMENTS, random, VICTIMS } from "../change/kills.ts";
import { createKillGround, type KillGround, surviveOnCloud } from "../clouds/kill-ground.ts";

const SEED = Number(process.env.FORESHADOW_SEED ?? 1);
const DAY = 86_400;

/** Every victim at every moment, once early and once late in it, on a simulated AWS. About an hour and a half on two cores. */
describe("kill -9 of everything everywhere on a cloud", { timeout: 6 * 3_600_000 }, () => {
  const next = random(SEED);
  let ground: KillGround | undefined;
  let round = 0;
  after(() => ground?.remove());
  for (const moment of MOMENTS)
    for (const victim of VICTIMS)
      for (const span of [500, 5000])
        it(`${victim} at ${moment}, within ${span} ms (seed ${SEED})`, async (t) => {
          ground ??= await createKillGround(0.4);
          round++;
          const kill = { victim, moment, milliseconds: Math.floor(next() * span) };
          const at = Math.ceil(Date.now() / 60_000) * 60 + DAY + round * 60;
          const wanted = { floor: 2 + round, at, gibibytes: 101 + Math.floor(round / 3) };
          const delivered = await surviveOnCloud(ground, wanted, [kill]);
          if (delivered.length === 0) t.skip("the run ended before the moment");
        });
});
