import type { Clock } from "../clock.port.ts";
import type { ControlStore } from "../orchestrator/change/control-store.port.ts";
import type { ReviewHost } from "../orchestrator/change/review-host.port.ts";
import { isFinal } from "../orchestrator/change/transitions.ts";

const EVERY = 86_400;
/** A changeset may have further commits: on what is deployed, of what was in force before a person's own, of its withdrawal. */
const FURTHER = /-(deployed|before|withdrawn)$/;

export interface ProposalRetentionParts {
  readonly control: Pick<ControlStore, "changeset">;
  readonly review: Pick<ReviewHost, "proposals" | "forget">;
  readonly clock: Clock;
  /** Seconds for which a proposal is kept in git after its changeset has come to its end. */
  readonly keep: number;
  alert(text: string): void;
}

/**
 * Removes from git the references of proposals whose changesets ended long ago. What was merged stays in the branch, and changeset and ledger stay
 * in the store. A reference of an unknown changeset is not ours to remove.
 */
export class ProposalRetention {
  readonly #parts: ProposalRetentionParts;
  #lastTry = Number.NEGATIVE_INFINITY;

  constructor(parts: ProposalRetentionParts) {
    this.#parts = parts;
  }

  /** Removes what is old at the first call, and after that once a day. */
  async whenDue(): Promise<void> {
    const { control, review, clock, keep, alert } = this.#parts;
    const now = clock.now();
    if (now - this.#lastTry < EVERY) return;
    this.#lastTry = now;
    try {
      const old: string[] = [];
      for (const id of await review.proposals()) {
        const changeset = await control.changeset(id.replace(FURTHER, ""));
        if (changeset !== undefined && isFinal(changeset.state) && now - changeset.updatedAt > keep) old.push(id);
      }
      if (old.length > 0) await review.forget(old);
    } catch (error) {
      alert(`old proposals were not removed from git: ${(error as Error).message}`);
    }
  }
}
