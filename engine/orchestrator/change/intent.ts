import type { Capacity } from "../../../model/capacity.ts";
import type { Changeset, Evidence, StackReference } from "../../../model/changeset.ts";
import { InputError } from "../../../model/input-error.ts";
import type { Reason } from "../../../model/reason.ts";
import type { ChangeContext } from "./change-context.ts";
import { landedCommit } from "./landing.ts";
import { sectionAt } from "./section.ts";
import { TRANSITIONS } from "./transitions.ts";
import { withdraw } from "./withdraw.ts";

/** What somebody wants a workload's capacity to be. */
export interface Proposal {
  readonly workload: string;
  readonly stack: StackReference;
  readonly after: Capacity;
  /** What is in force, and the commit of the branch that asks for something else already. Without them the branch says what is in force. */
  readonly before?: Capacity;
  readonly landed?: string;
  readonly reasons: readonly Reason[];
  readonly evidence?: Evidence;
  readonly mode: "review" | "auto";
  /** Rescue of present demand. */
  readonly urgent?: boolean;
  /** The person who asks for it. */
  readonly requestedBy?: string;
  /** The person who wrote the numbers in a review; it still has to be approved. */
  readonly editedBy?: string;
  readonly reverses?: string;
  readonly repairs?: string;
  readonly adopts?: string;
}

/**
 * Step 1: the intent and its entry in the ledger, in one transaction. Earlier proposals for the workload that are not under way give way.
 *
 * @throws InputError when the capacity file at the branch's head has no such workload
 */
export async function recordIntent(context: ChangeContext, proposal: Proposal): Promise<Changeset> {
  const { store, review, progress } = context.dependencies;
  const { workload, stack, after } = proposal;
  await supersedeEarlier(context, workload);
  const before = proposal.before ?? (await sectionAt(context, await review.head({ lastSeen: true }), stack, workload));
  if (before === undefined)
    throw new InputError(context.capacityPath(stack), [{ path: workload, expected: "a section", found: "nothing" }]);
  const at = context.now();
  const changeset: Changeset = {
    id: context.dependencies.newId(),
    workload,
    stack,
    state: "proposed",
    createdAt: at,
    updatedAt: at,
    revision: 1,
    before,
    after,
    reasons: proposal.reasons,
    mode: proposal.mode,
    ...(proposal.evidence && { evidence: proposal.evidence }),
    ...(proposal.urgent && { urgent: true }),
    ...(proposal.requestedBy !== undefined && { requestedBy: proposal.requestedBy }),
    ...(proposal.landed !== undefined && { landed: proposal.landed }),
    ...(proposal.editedBy !== undefined && { editedBy: proposal.editedBy }),
    ...(proposal.reverses !== undefined && { reverses: proposal.reverses }),
    ...(proposal.repairs !== undefined && { repairs: proposal.repairs }),
    ...(proposal.adopts !== undefined && { adopts: proposal.adopts }),
  };
  await store.save(changeset, 0, {
    at,
    kind: proposal.reverses === undefined ? "decision" : "rollback",
    workload,
    changeset: changeset.id,
    body: {
      before,
      after,
      mode: proposal.mode,
      reasons: proposal.reasons.map(({ kind, text }) => ({ kind, text })),
      evidence: proposal.evidence?.inputDigest,
      urgent: proposal.urgent,
      requestedBy: proposal.requestedBy,
      editedBy: proposal.editedBy,
      reverses: proposal.reverses,
      repairs: proposal.repairs,
      adopts: proposal.adopts,
    },
  });
  progress.notify({ code: "changeset-state", changeset: changeset.id, workload, to: "proposed", text: "proposed" });
  return changeset;
}

/**
 * Proposals that nothing is done about yet give way to a newer one. One that was already pushed and waits for the stack is taken off the branch
 * first; one that a person has merged and that nobody has looked at since is the person's will, and stays.
 */
async function supersedeEarlier(context: ChangeContext, workload: string): Promise<void> {
  const { store } = context.dependencies;
  for (const earlier of await store.changesets({ workload })) {
    if (TRANSITIONS[earlier.state].superseded === undefined) continue;
    if (earlier.state === "awaiting-approval" && (await landedCommit(context, earlier))) continue;
    await withdraw(context, earlier);
    await context.record(earlier, "superseded");
  }
}
