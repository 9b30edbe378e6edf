import type { Changeset, ChangesetState } from "../../../model/changeset.ts";

/**
 * What happens to a changeset. `started again` events (a preview that a crash cut short, an apply put off) are events like any
 * other, so that the table is the whole truth about what may follow what.
 */
export const CHANGESET_EVENTS = [
  /** Nothing could be tried, git or the backend is out of reach: the intent stays and is tried again. */
  "deferred",
  "preview-started",
  "found-unchanged",
  "blocked",
  "refused",
  "failed",
  "approval-required",
  "approved",
  "rejected",
  "expired",
  "superseded",
  /** What the approval was bound to, or the question was about, is not what it was. */
  "moved",
  "cancelled",
  "apply-started",
  "applied",
  "partially-applied",
  "interrupted",
  /** After an interruption: the world shows that nothing of it came about. */
  "nothing-landed",
  "verified",
  "diverged",
] as const;
export type ChangesetEvent = (typeof CHANGESET_EVENTS)[number];

const BEFORE_APPLY = { cancelled: "cancelled", superseded: "superseded" } as const;

/** Every legal step; what is not here is illegal. From `applying` on nothing supersedes and nothing cancels. */
export const TRANSITIONS: Readonly<Record<ChangesetState, Partial<Readonly<Record<ChangesetEvent, ChangesetState>>>>> =
  {
    proposed: { deferred: "proposed", "preview-started": "previewing", ...BEFORE_APPLY },
    previewing: {
      deferred: "proposed",
      "preview-started": "previewing",
      "found-unchanged": "unchanged",
      blocked: "blocked",
      refused: "refused",
      failed: "failed",
      "approval-required": "awaiting-approval",
      approved: "approved",
    },
    "awaiting-approval": {
      approved: "approved",
      rejected: "rejected",
      expired: "expired",
      superseded: "superseded",
      moved: "proposed",
    },
    approved: { deferred: "approved", moved: "proposed", "apply-started": "applying", ...BEFORE_APPLY },
    applying: { applied: "verifying", "partially-applied": "partial", interrupted: "interrupted" },
    interrupted: {
      deferred: "interrupted",
      "nothing-landed": "approved",
      applied: "verifying",
      "partially-applied": "partial",
    },
    verifying: { deferred: "verifying", verified: "done", diverged: "diverged" },
    unchanged: {},
    blocked: {},
    refused: {},
    failed: {},
    rejected: {},
    expired: {},
    superseded: {},
    cancelled: {},
    partial: {},
    done: {},
    diverged: {},
  };

/** Whether nothing more happens to a changeset in this state. */
export function isFinal(state: ChangesetState): boolean {
  return Object.keys(TRANSITIONS[state]).length === 0;
}

/** An event that may not happen to a changeset in its state: a fault of the program, or of two that act on the same changeset. */
export class IllegalTransition extends Error {
  override readonly name = "IllegalTransition";
  readonly state: ChangesetState;
  readonly event: ChangesetEvent;

  constructor(id: string, state: ChangesetState, event: ChangesetEvent) {
    const legal = Object.keys(TRANSITIONS[state]);
    super(
      `${id} is ${state}: expected ${legal.length === 0 ? "one that has not ended meanwhile" : legal.join(", ")}; found ${event}`,
    );
    this.state = state;
    this.event = event;
  }
}

/** What an event may add to a changeset besides its state. Identity, history and revision are not to be set. */
export type ChangesetPatch = Partial<Omit<Changeset, "id" | "workload" | "stack" | "state" | "createdAt" | "revision">>;

/**
 * The changeset after an event.
 *
 * @param at epoch seconds
 * @returns the changeset with its new state, one revision up, or the error that says why the event is illegal
 */
export function transition(
  changeset: Changeset,
  event: ChangesetEvent,
  at: number,
  patch: ChangesetPatch = {},
): Changeset | IllegalTransition {
  const state = TRANSITIONS[changeset.state][event];
  if (state === undefined) return new IllegalTransition(changeset.id, changeset.state, event);
  return { ...changeset, ...patch, state, updatedAt: at, revision: changeset.revision + 1 };
}
