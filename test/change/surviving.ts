import assert from "node:assert/strict";
import { parseAnchor } from "../../engine/ledger/hash-chain.ts";
import { verifyLedger } from "../../engine/ledger/verify-ledger.ts";
import { verifyRecords } from "../../engine/ledger/verify-records.ts";
import { isFinal } from "../../engine/orchestrator/change/transitions.ts";
import { type Capacity, parseCapacity } from "../../model/capacity.ts";
import { openEngine } from "./engine.ts";
import { type Ground, type Kill, processesOf, runEngine, watchLocks } from "./kills.ts";

/** What came of a change that was carried out through kills. */
export interface Survival {
  /** The kills that came about: one that a run ended before has killed nobody. */
  readonly delivered: Kill[];
  /** What the engines said, to be shown where something is wrong. */
  readonly story: string;
}

/**
 * Carries one change out through a number of kills, an engine after the other, until one comes to its end: no lock of a living owner was broken.
 *
 * @param propose what an engine is told so that it proposes the change
 */
export async function throughKills(
  ground: Ground,
  propose: readonly string[],
  kills: readonly Kill[],
): Promise<Survival> {
  const delivered: Kill[] = [];
  const stop = watchLocks(ground);
  const told: string[] = [];
  let command = propose;
  for (let left = kills; ; ) {
    const { killed, ended, output } = await runEngine(ground, command, left);
    told.push(`${command.join(" ")}; ${JSON.stringify(left)}, ${killed} killed; ended ${ended}\n${output}`);
    delivered.push(...left.slice(0, killed));
    left = left.slice(killed);
    // The first run may have died before it had recorded anything: then there is nothing to lose.
    if (command === propose && output.includes('"to":"proposed"')) command = ["recover"];
    if (ended === "SIGKILL") continue;
    assert.equal(ended, 0, told.join("\n"));
    break;
  }
  const story = told.join("\n");
  assert.deepEqual(stop(), [], story);
  return { delivered, story };
}

/**
 * Nothing is left open, no process and no lock, the working tree is clean and the ledger verifies.
 *
 * @returns what git asks for
 */
export async function assertSettled(ground: Ground, story: string): Promise<Capacity> {
  const { manager, store, review } = openEngine(ground);
  try {
    const open = (await manager.list()).filter(({ state }) => !isFinal(state));
    assert.deepEqual(open, [], `nothing is left open\n${story}`);
    assert.deepEqual(ground.locks(), [], `no lock is left\n${story}`);
    assert.deepEqual(processesOf(ground), [], `no process is left\n${story}`);
    assert.equal(ground.git("status", "--short"), "", "the working tree is clean");
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
    const text = await review.read(await review.head(), "capacity/dev.yaml");
    return parseCapacity(text!, "dev.yaml").get("web")!;
  } finally {
    store.close();
  }
}
