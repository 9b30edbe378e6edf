import type { Changeset } from "../../model/changeset.ts";
import type { Phase } from "./stopwatch.ts";

/** How a tick came to propose a changeset. */
export interface TracedDecision {
  readonly changeset: Changeset;
  /** End of the newest sample that was seen, and of the tick; epoch seconds. */
  readonly sampledAt?: number;
  readonly tick: number;
  readonly phases: readonly Phase[];
}

/** Who follows decisions that act. */
export interface DecisionTrace {
  /** Returns at once, and never throws. */
  decided(decision: TracedDecision): void;
}
