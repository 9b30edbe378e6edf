import type { Capacity } from "../../model/capacity.ts";
import type { Changeset, Evidence, StackReference } from "../../model/changeset.ts";
import type { Reason } from "../../model/reason.ts";

export interface Proposal {
  readonly workload: string;
  readonly stack: StackReference;
  readonly after: Capacity;
  readonly reasons: readonly Reason[];
  readonly evidence?: Evidence;
  readonly mode: "review" | "auto";
  /** Rescue of present demand. */
  readonly urgent?: boolean;
}

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
