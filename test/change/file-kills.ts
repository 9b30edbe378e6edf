import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FileWorld } from "./file-world.ts";
import type { Kill } from "./kills.ts";
import { assertSettled, throughKills } from "./surviving.ts";

/** What is wanted of the world, and how the world's log counts it. */
export interface Wanted {
  readonly replicas: number;
  readonly gibibytes: number;
}

/**
 * Carries one change of a file world out through a number of kills, and holds the outcome to what must be true of it.
 *
 * @returns the kills that came about
 */
export async function survive(
  world: FileWorld,
  { replicas, gibibytes }: Wanted,
  kills: readonly Kill[],
): Promise<Kill[]> {
  const ground = {
    ...world,
    env: { ...world.env, FILEWORLD_DELAY: "400" },
    mark: "FILEWORLD",
    engine: [join(dirname(fileURLToPath(import.meta.url)), "engine-process.ts"), world.base],
    provider: "provider.ts",
  };
  const { delivered, story } = await throughKills(ground, ["propose", String(replicas), String(gibibytes)], kills);
  const wanted = await assertSettled(ground, story);
  assert.deepEqual(wanted.replicas, { count: replicas }, "git asks for what is there");
  const there = [world.resource("web")?.replicas, world.resource("web-data")?.size];
  assert.deepEqual(there, [replicas, `${gibibytes}GiB`], story);
  const updates = world
    .writes()
    .filter((line) => line.startsWith("update web {") && line.includes(`"replicas":${replicas}`));
  assert.equal(updates.length, 1, `the change was made once\n${world.writes().join("\n")}\n${story}`);
  return delivered;
}
