import type { ChangeContext } from "./change-context.ts";
import { digest } from "./digest.ts";
import type { Proposal } from "./intent.ts";
import { sectionAt } from "./section.ts";

/** The commit of the branch up to which reverts were looked for. */
const SEEN = "reverts-seen";
const APPLIED = ["done", "partial", "diverged"];

/**
 * What people took back on the branch since the last call: a commit that reverts one of ours, as `git revert` and the hosts' buttons write it, is a
 * rollback of its changeset. The first call takes the branch as it is.
 *
 * @throws ReviewHostError
 */
export async function revertsOnBranch(context: ChangeContext): Promise<Proposal[]> {
  const { review, store } = context.dependencies;
  const head = await review.head();
  const seen = await store.value(SEEN);
  if (seen === head) return [];
  const proposals: Proposal[] = [];
  for (const { changeset: id, by } of seen === undefined ? [] : await review.reverts(seen)) {
    const reverted = await store.changeset(id);
    if (reverted === undefined || reverted.reversedBy !== undefined || !APPLIED.includes(reverted.state)) continue;
    const { workload, stack, after: before } = reverted;
    const after = await sectionAt(context, head, stack, workload);
    // Reverted and put back, or written anew since.
    if (after === undefined || digest(after) === digest(before)) continue;
    proposals.push({
      workload,
      stack,
      before,
      after,
      reasons: [{ kind: "release", text: `${by} takes changeset ${id} back by a commit on the branch` }],
      mode: "auto",
      requestedBy: by,
      reverses: id,
      landed: head,
    });
  }
  return proposals;
}

/** Those before a commit have been dealt with. */
export async function revertsSeen(context: ChangeContext): Promise<void> {
  const { review, store } = context.dependencies;
  const head = await review.head();
  if ((await store.value(SEEN)) !== head) await store.setValue(SEEN, head);
}
