import { describe, it } from "node:test";
import { survive } from "../change/file-kills.ts";
import { createFileWorld, type FileWorld } from "../change/file-world.ts";
import { MOMENTS, random, VICTIMS } from "../change/kills.ts";

const SEED = Number(process.env.FORESHADOW_SEED ?? 1);

/** Every victim at every moment, once early and once late in it. About an hour on two cores. */
describe("kill -9 of everything everywhere", { timeout: 4 * 3_600_000 }, () => {
  const next = random(SEED);
  let world: FileWorld | undefined;
  let round = 0;
  for (const moment of MOMENTS)
    for (const victim of VICTIMS)
      for (const span of [400, 2500])
        it(`${victim} at ${moment}, within ${span} ms (seed ${SEED})`, async (t) => {
          world ??= await createFileWorld();
          round++;
          const kill = { victim, moment, milliseconds: Math.floor(next() * span) };
          const delivered = await survive(world, { replicas: 2 + round, gibibytes: 10 + Math.floor(round / 3) }, [
            kill,
          ]);
          if (delivered.length === 0) t.skip("the run ended before the moment");
        });
});
