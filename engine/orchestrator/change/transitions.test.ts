import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CHANGESET_STATES, type Changeset, type ChangesetState } from "../../../model/changeset.ts";
import { CHANGESET_EVENTS, type ChangesetEvent, IllegalTransition, isFinal, transition } from "./transitions.ts";

const capacity = {
  owns: "desired",
  replicas: { count: 2 },
  plan: [],
  perReplica: {},
  storage: {},
  network: {},
} as const;

const changeset = (state: ChangesetState): Changeset => ({
  id: "c1",
  workload: "web",
  stack: { dir: ".", name: "dev" },
  state,
  createdAt: 1,
  updatedAt: 1,
  revision: 7,
  before: capacity,
  after: capacity,
  reasons: [],
});

/** The legal steps, stated a second time and the other way round: by what they lead to. */
const LEADS_TO: Record<ChangesetState, readonly `${ChangesetState}:${ChangesetEvent}`[]> = {
  proposed: ["proposed:deferred", "previewing:deferred", "approved:moved", "awaiting-approval:moved"],
  previewing: ["proposed:preview-started", "previewing:preview-started"],
  unchanged: ["previewing:found-unchanged"],
  blocked: ["previewing:blocked"],
  refused: ["previewing:refused"],
  failed: ["previewing:failed"],
  "awaiting-approval": ["previewing:approval-required"],
  approved: ["previewing:approved", "awaiting-approval:approved", "approved:deferred", "interrupted:nothing-landed"],
  rejected: ["awaiting-approval:rejected"],
  expired: ["awaiting-approval:expired"],
  superseded: ["proposed:superseded", "awaiting-approval:superseded", "approved:superseded"],
  cancelled: ["proposed:cancelled", "approved:cancelled"],
  applying: ["approved:apply-started"],
  verifying: ["applying:applied", "interrupted:applied", "verifying:deferred"],
  partial: ["applying:partially-applied", "interrupted:partially-applied"],
  interrupted: ["applying:interrupted", "interrupted:deferred"],
  done: ["verifying:verified"],
  diverged: ["verifying:diverged"],
};

describe("the states of a changeset", () => {
  for (const state of CHANGESET_STATES)
    for (const event of CHANGESET_EVENTS) {
      const target = CHANGESET_STATES.find((candidate) => LEADS_TO[candidate].includes(`${state}:${event}`));
      it(`${state}, ${event}: ${target ?? "illegal"}`, () => {
        const next = transition(changeset(state), event, 9);
        if (target === undefined) {
          assert.ok(next instanceof IllegalTransition);
          assert.equal(next.state, state);
          assert.match(next.message, new RegExp(`c1 is ${state}: expected .*; found ${event}`));
        } else {
          assert.ok(!(next instanceof IllegalTransition));
          assert.equal(next.state, target);
        }
      });
    }

  it("an event raises the revision, sets the time and adds what it brings", () => {
    const next = transition(changeset("previewing"), "approved", 9, { approvedBy: "policy" });
    assert.deepEqual(next, { ...changeset("approved"), revision: 8, updatedAt: 9, approvedBy: "policy" });
  });

  it("nothing supersedes or cancels from applying on", () => {
    for (const state of ["applying", "interrupted", "verifying"] as const)
      for (const event of ["superseded", "cancelled"] as const)
        assert.ok(transition(changeset(state), event, 9) instanceof IllegalTransition);
  });

  it("what is at its end stays there", () => {
    assert.deepEqual(CHANGESET_STATES.filter(isFinal).sort(), [
      "blocked",
      "cancelled",
      "diverged",
      "done",
      "expired",
      "failed",
      "partial",
      "refused",
      "rejected",
      "superseded",
      "unchanged",
    ]);
  });
});
