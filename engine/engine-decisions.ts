import type { Engine } from "./loop/engine.ts";
import type { ChangeManager } from "./orchestrator/change/change-manager.ts";
import type { ReviewDecisions } from "./review/review-decisions.port.ts";

/** What people decide in a review, handed to the engine, which carries it out beside the ticks. */
export function engineDecisions(engine: Engine, change: ChangeManager): ReviewDecisions {
  return {
    approve: async (id, by) => {
      await engine.approve(id, by);
    },
    reject: async (id, by) => {
      await engine.reject(id, by);
    },
    rejectEnvelope: async (id, by) => {
      await engine.rejectEnvelope(id, by);
    },
    propose: async (proposal) => {
      const changeset = await change.propose(proposal);
      engine.loop.work(changeset, change.advance(changeset.id));
      return changeset;
    },
  };
}
