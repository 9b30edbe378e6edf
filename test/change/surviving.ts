import assert from "node:assert/strict";
import { parseAnchor } from "../../engine/ledger/hash-chain.ts";
import { verifyLedger } from "../../engine/ledger/verify-ledger.ts";
import { verifyRecords } from "../../engine/ledger/verify-records.ts";
import { isFinal } from "../../engine/orchestrator/change/transitions.ts";
import { parseCapacity } from "../../model/capacity.ts";
import { openEngine } from "./engine.ts";
import type { FileWorld } from "./file-world.ts";
import { type Kill, processesOf, runEngine, watchLocks } from "./kills.ts";

/** What is wanted of the world, and how the world's log counts it. */
export interface Wanted {
  readonly replicas: number;
  readonly gibibytes: number;
}

/**
 * Carries one change out through a number of kills, an engine after the other, and holds the outcome to what must be true of it.
 *
 * @returns the kills that came about: one that a run ended before has killed nobody
 */
export async function survive(
  world: FileWorld,
  { replicas, gibibytes }: Wanted,
  kills: readonly Kill[],
): Promise<Kill[]> {
  const delivered: Kill[] = [];
  const stop = watchLocks(world);
  const story: string[] = [];
  let command = ["propose", String(replicas), String(gibibytes)];
  for (let left = kills; ; ) {
    const { killed, ended, output } = await runEngine(world, command, left);
    story.push(`${command.join(" ")}; ${JSON.stringify(left)}, ${killed} killed; ended ${ended}\n${output}`);
    delivered.push(...left.slice(0, killed));
    left = left.slice(killed);
    // The first run may have died before it had recorded anything: then there is nothing to lose.
    if (command[0] === "propose" && output.includes('"to":"proposed"')) command = ["recover"];
    if (ended === "SIGKILL") continue;
    assert.equal(ended, 0, story.join("\n"));
    break;
  }
  const lockViolations = stop();
  const story_ = story.join("\n");
  assert.deepEqual(lockViolations, [], story_);

  const { manager, store, review } = openEngine(world);
  try {
    const changesets = await manager.list();
    assert.deepEqual(
      changesets.filter(({ state }) => !isFinal(state)),
      [],
      `nothing is left open\n${story_}`,
    );
    const pool = world.resource("web");
    assert.deepEqual([pool?.replicas, world.resource("web-data")?.size], [replicas, `${gibibytes}GiB`], story_);
    const wanted = parseCapacity((await review.read(await review.head(), "capacity/dev.yaml"))!, "dev.yaml").get("web");
    assert.deepEqual(wanted?.replicas, { count: replicas }, "git asks for what is there");
    const updates = world
      .writes()
      .filter((line) => line.startsWith("update web {") && line.includes(`"replicas":${replicas}`));
    assert.equal(updates.length, 1, `the change was made once\n${world.writes().join("\n")}\n${story_}`);
    assert.deepEqual(world.locks(), [], "no lock is left");
    assert.deepEqual(processesOf(world), [], "no process is left");
    assert.equal(world.git("status", "--short"), "", "the working tree is clean");
    const entries = await store.ledger();
    const anchors = (await review.anchors()).flatMap((text) => parseAnchor(text) ?? []);
    const verification = verifyLedger(entries, {
      head: await store.storedHead(),
      publicKey: store.publicKey(),
      anchors,
    });
    assert.deepEqual(verification.problems, []);
    assert.ok(verification.anchoredTo > 0);
    assert.deepEqual(verifyRecords(entries, await store.savedRecords()), []);
  } finally {
    store.close();
  }
  return delivered;
}
