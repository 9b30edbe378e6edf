import { editCapacity } from "../../../model/capacity.ts";
import type { Changeset } from "../../../model/changeset.ts";
import type { ChangeContext } from "./change-context.ts";
import { digest } from "./digest.ts";
import { landedCommit } from "./landing.ts";
import { sectionAt } from "./section.ts";
import { summarise } from "./summary.ts";

/**
 * Git is desire: where a changeset that comes to nothing has already been pushed, its edit is taken back by a commit, so that the branch does
 * not go on asking for what nobody carries out. Nothing happens where the branch never had it, or asks for something else by now.
 */
export async function withdraw(context: ChangeContext, changeset: Changeset): Promise<void> {
  const { review, store } = context.dependencies;
  const { id, workload, stack, before, after, baseCommit } = changeset;
  if (baseCommit === undefined || (await landedCommit(context, changeset)) === undefined) return;
  const head = await review.head();
  if (digest(await sectionAt(context, head, stack, workload)) !== digest(after)) return;
  const path = context.capacityPath(stack);
  const anchor = await store.head();
  const commit = await review.propose({
    changeset: `${id}-withdrawn`,
    parent: head,
    path,
    text: editCapacity((await review.read(head, path)) ?? "", path, workload, before),
    subject: summarise({ ...changeset, before: after, after: before }),
    body: `Withdraws changeset ${id}, which was not carried out.`,
    trailers: [
      ["Foreshadow-Withdraws", id],
      ["Foreshadow-Ledger", `${anchor.sequence}:${anchor.hash}`],
    ],
    at: context.now(),
  });
  const pushed = await review.push(commit, head);
  if (pushed.outcome === "moved")
    context.alert(changeset, `${path}: the branch moved while ${id} was withdrawn; it still asks for it`);
}
