import assert from "node:assert/strict";
import { test } from "node:test";
import { replicasNeeded } from "../../engine/orchestrator/need.ts";
import { horizontalPodAutoscaler } from "../../engine/replay/rules.ts";
import { end, type Seen, seen, shadowCgroup, startWanting, wanted } from "../agent/held-back.ts";
import { LimitedCgroup } from "../agent/limited-cgroup.ts";

/** What replicas are in this test: so many cores of a quota. */
const CORES_A_REPLICA = 0.05;
const START = 4;
const TARGET = 0.7;
const WANT = { threads: 4, share: 0.25, period: 100 };
const RIGHT = Math.ceil(wanted(WANT) / TARGET / CORES_A_REPLICA);
const SECONDS_A_STEP = 6;
const MOST_STEPS = 12;
/** Load is balanced over a real pool as exactly as this. */
const CLOSE = 0.1;

/**
 * The counts that a rule goes through until it is within a tenth of the right one, each carried out on the quota of a process that
 * really runs and measured by the agent before the next; undefined where there are no quotas.
 */
async function steps(rule: (figures: Seen, current: number) => number): Promise<number[] | undefined> {
  const cgroup = LimitedCgroup.make("foreshadow-one-step", START * CORES_A_REPLICA);
  if (cgroup === undefined) return undefined;
  const child = await startWanting(WANT);
  const counts = [START];
  try {
    cgroup.add(child.pid!);
    while (Math.abs(counts.at(-1)! - RIGHT) > CLOSE * RIGHT && counts.length <= MOST_STEPS) {
      const figures = seen(await shadowCgroup(cgroup.path, SECONDS_A_STEP));
      counts.push(rule(figures, counts.at(-1)!));
      cgroup.limit(counts.at(-1)! * CORES_A_REPLICA);
    }
    return counts;
  } finally {
    await end(child);
    await cgroup.remove();
  }
}

test("from demand the right size is asked for at once, from utilisation by steps", async (context) => {
  const engine = await steps(({ demand }) =>
    replicasNeeded(demand, { capacity: CORES_A_REPLICA, utilisation: TARGET }),
  );
  if (engine === undefined) return context.skip("needs root and a CPU controller");
  const rule = horizontalPodAutoscaler(TARGET, 15);
  const reactive = await steps(({ usage }, current) => rule(0, usage / CORES_A_REPLICA, current));
  context.diagnostic(`right ${RIGHT}; from demand ${engine}; from utilisation ${reactive}`);
  assert.equal(engine.length, 2, `${engine}`);
  assert.ok(reactive!.length >= 5, `${reactive}`);
});
