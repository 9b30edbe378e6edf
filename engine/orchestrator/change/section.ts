import { type Capacity, parseCapacity } from "../../../model/capacity.ts";
import type { StackReference } from "../../../model/changeset.ts";
import type { ChangeContext } from "./change-context.ts";

/** A workload's section of the capacity file at a commit; `undefined` when it has none. @throws InputError */
export async function sectionAt(
  context: ChangeContext,
  commit: string,
  stack: StackReference,
  workload: string,
): Promise<Capacity | undefined> {
  const path = context.capacityPath(stack);
  const text = await context.dependencies.review.read(commit, path);
  return text === undefined ? undefined : parseCapacity(text, path).get(workload);
}
