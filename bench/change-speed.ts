import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openEngine } from "../test/change/engine.ts";
import { createFileWorld } from "../test/change/file-world.ts";
import { proposalFor } from "../test/change/proposal.ts";

/**
 * A change of one property through the engine beside `pulumi up --yes --refresh` of the same change, in turns in one run. What the engine does
 * in addition (rehearsal of the way back, verification) is told apart.
 *
 *   node bench/change-speed.ts [rounds]
 */
const ROUNDS = Number(process.argv[2] ?? 5);

const world = await createFileWorld();
// Plain Pulumi has no compile cache unless its user sets one; the engine brings its own.
delete world.env.NODE_COMPILE_CACHE;
const { manager, store } = openEngine(world);
const rows: Record<string, number>[] = [];
let replicas = 2;
const file = join(world.root, "capacity", "dev.yaml");

try {
  await plainUp(); // Both begin with warm files.
  await engineUp();
  for (let round = 0; round < ROUNDS; round++) rows.push({ plain: await plainUp(), ...(await engineUp()) });
} finally {
  store.close();
  world.remove();
}
const median = (key: string) => {
  const sorted = rows.map((row) => row[key]).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
};
const figures = Object.fromEntries(Object.keys(rows[0]).map((key) => [key, Number(median(key).toFixed(2))]));
console.log(
  JSON.stringify({
    rounds: ROUNDS,
    medianSeconds: figures,
    ratio: Number((median("previewAndUp") / median("plain")).toFixed(2)),
  }),
);

async function plainUp(): Promise<number> {
  writeFileSync(
    file,
    world.git("show", "main:capacity/dev.yaml").replace(`count: ${replicas}`, `count: ${replicas + 1}`),
  );
  replicas++;
  const started = performance.now();
  await world.pulumi("up", "--yes", "--refresh");
  const seconds = (performance.now() - started) / 1000;
  world.git("-c", "user.name=B", "-c", "user.email=b@localhost", "commit", "--quiet", "--all", "-m", "by hand");
  return seconds;
}

async function engineUp(): Promise<Record<string, number>> {
  replicas++;
  const started = performance.now();
  const done = await manager.advance((await manager.propose(proposalFor(replicas))).id);
  const total = (performance.now() - started) / 1000;
  if (done.state !== "done") throw new Error(`${done.state}: ${done.failure?.message}`);
  const { preview, previewBefore = 0, rehearseReverse, push, up, verify } = done.timings!;
  return {
    previewAndUp: total - previewBefore - rehearseReverse - verify,
    preview,
    push,
    up,
    rehearseReverse,
    previewBefore,
    verify,
    total,
  };
}
