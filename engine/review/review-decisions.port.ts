import type { Changeset } from "../../model/changeset.ts";
import type { Proposal } from "../orchestrator/change/intent.ts";

/** What people decide in a review, handed to change. None of these waits until a change is applied. */
export interface ReviewDecisions {
  approve(id: string, by: string): Promise<void>;
  reject(id: string, by: string): Promise<void>;
  rejectEnvelope(id: string, by: string): Promise<void>;
  /** Records a proposal and has it judged. */
  propose(proposal: Proposal): Promise<Changeset>;
}
