import type { StackReference } from "../../../model/changeset.ts";
import type { ChangeContext } from "./change-context.ts";
import { digest } from "./digest.ts";

/**
 * After a verified change it is known that the commit previews empty on the state that was recorded then. As long as program, capacity file
 * and recorded state are the same, and the refreshed world has not drifted from it, it needs no second preview to say so again.
 */
interface Proof {
  readonly program: string;
  readonly capacity: string;
  readonly state: string;
}

const key = ({ dir, name }: StackReference) => `proven-empty/${dir}/${name}`;

export async function recordProof(
  context: ChangeContext,
  stack: StackReference,
  commit: string,
  state: string,
): Promise<void> {
  await context.dependencies.store.setValue(key(stack), JSON.stringify(await proofOf(context, stack, commit, state)));
}

export async function forgetProof(context: ChangeContext, stack: StackReference): Promise<void> {
  await context.dependencies.store.setValue(key(stack), "null");
}

/** Whether the commit is known to preview empty on the recorded state, as long as the world has not drifted. */
export async function isProvenEmpty(
  context: ChangeContext,
  stack: StackReference,
  commit: string,
  state: string,
): Promise<boolean> {
  const known = await context.dependencies.store.value(key(stack));
  return known === JSON.stringify(await proofOf(context, stack, commit, state));
}

async function proofOf(context: ChangeContext, stack: StackReference, commit: string, state: string): Promise<Proof> {
  const { review } = context.dependencies;
  const capacity = await review.read(commit, context.capacityPath(stack));
  return { program: await review.programDigest(commit, stack), capacity: digest(capacity ?? null), state };
}
