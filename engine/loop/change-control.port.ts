import type { Changeset } from "../../model/changeset.ts";
import type { Proposal } from "../orchestrator/change/intent.ts";

/** What the loop asks of change. `ChangeManager` is one. */
export interface ChangeControl {
  /** Records the intent; nothing else has happened when it returns. */
  propose(proposal: Proposal): Promise<Changeset>;
  /** Carries a changeset as far as its mode lets it. */
  advance(id: string): Promise<Changeset>;
  approve(id: string, by: string): Promise<Changeset>;
  reject(id: string, by: string): Promise<Changeset>;
  /** Proposes the reverse of a changeset. */
  rollback(id: string, by: string): Promise<Changeset>;
}
