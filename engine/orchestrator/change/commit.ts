import { editCapacity } from "../../../model/capacity.ts";
import type { Changeset } from "../../../model/changeset.ts";
import type { ChangeContext } from "./change-context.ts";
import { summarise } from "./summary.ts";
import { evidenceTrailers } from "./trailers.ts";

/**
 * Step 2: the change as a commit on `parent`, on a reference of its own. Its trailers anchor the ledger and name the evidence.
 *
 * @param reference by which it is kept
 */
export async function commitChange(
  context: ChangeContext,
  changeset: Changeset,
  parent: string,
  reference = changeset.id,
): Promise<string> {
  const { review, store } = context.dependencies;
  const { id, workload, stack, after, createdAt } = changeset;
  const path = context.capacityPath(stack);
  const text = (await review.read(parent, path)) ?? "";
  const anchor = await store.head();
  const trailers: [string, string][] = [
    ["Foreshadow-Changeset", id],
    ["Foreshadow-Ledger", `${anchor.sequence}:${anchor.hash}`],
    ...evidenceTrailers(changeset),
  ];
  if (changeset.reverses) trailers.push(["Foreshadow-Reverses", changeset.reverses]);
  return review.propose({
    changeset: reference,
    parent,
    path,
    text: editCapacity(text, path, workload, after),
    subject: summarise(changeset),
    body: changeset.reasons.map((reason) => `- ${reason.text}`).join("\n"),
    trailers,
    at: createdAt,
  });
}
