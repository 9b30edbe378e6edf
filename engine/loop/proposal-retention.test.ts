import assert from "node:assert/strict";
import { test } from "node:test";
import type { Changeset, ChangesetState } from "../../model/changeset.ts";
import { ProposalRetention } from "./proposal-retention.ts";

const DAY = 86_400;

function setUp(changesets: Record<string, [ChangesetState, number]>, proposals = Object.keys(changesets)) {
  let now = 1000 * DAY;
  const forgotten: string[] = [];
  const alerts: string[] = [];
  const host = { reachable: true };
  const retention = new ProposalRetention({
    control: {
      changeset: async (id) => {
        if (changesets[id] === undefined) return undefined;
        const [state, age] = changesets[id];
        return { id, state, updatedAt: 1000 * DAY - age * DAY } as Changeset;
      },
    },
    review: {
      proposals: async () => {
        if (!host.reachable) throw new Error("git for-each-ref: gone");
        return proposals.filter((id) => !forgotten.includes(id));
      },
      forget: async (ids) => void forgotten.push(...ids),
    },
    clock: { now: () => now, monotonic: () => now },
    keep: 90 * DAY,
    alert: (text) => void alerts.push(text),
  });
  return {
    forgotten,
    alerts,
    host,
    after: (days: number) => {
      now = (1000 + days) * DAY;
      return retention.whenDue();
    },
  };
}

test("what ended longer ago than is kept goes at the start; what is open, young or unknown stays", async () => {
  const { after, forgotten } = setUp(
    { old: ["done", 91], young: ["done", 89], waiting: ["awaiting-approval", 400], refused: ["refused", 200] },
    ["old", "young", "waiting", "refused", "somebody-else"],
  );
  await after(0);
  assert.deepEqual(forgotten, ["old", "refused"]);
});

test("it is looked at once a day, and git out of reach is told and tried again the next", async () => {
  const { after, forgotten, alerts, host } = setUp({ young: ["done", 89] });
  await after(0);
  host.reachable = false;
  await after(1.5);
  host.reachable = true;
  await after(2);
  assert.deepEqual(forgotten, []);
  assert.deepEqual(alerts, ["old proposals were not removed from git: git for-each-ref: gone"]);
  await after(2.5);
  assert.deepEqual(forgotten, ["young"]);
});
