import { editCapacity } from "../../../model/capacity.ts";
import type { Changeset } from "../../../model/changeset.ts";
import type { ChangeContext } from "./change-context.ts";

/** The commit on the branch that carries a changeset: one of ours that was merged, or a person's own. `undefined` before there is one. */
export async function landedCommit(
  context: ChangeContext,
  { id, baseCommit, landed }: Pick<Changeset, "id" | "baseCommit" | "landed">,
): Promise<string | undefined> {
  return landed ?? (await context.dependencies.review.landed(id, baseCommit!));
}

/**
 * The commit that a person's own commit on the branch is compared with: the branch as it is, with the workload's section as it was. Kept on a
 * reference of its own beside the changeset's.
 */
export async function withoutChange(context: ChangeContext, changeset: Changeset, head: string): Promise<string> {
  const { review } = context.dependencies;
  const { id, workload, stack, before, createdAt } = changeset;
  const path = context.capacityPath(stack);
  return review.propose({
    changeset: `${id}-before`,
    parent: head,
    path,
    text: editCapacity((await review.read(head, path)) ?? "", path, workload, before),
    subject: `${workload}: capacity before ${id}`,
    body: "What is in force; nobody proposes it.",
    trailers: [],
    at: createdAt,
  });
}
