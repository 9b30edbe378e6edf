import type { Changeset } from "../../../model/changeset.ts";
import { changesDigest } from "./binding.ts";
import type { ChangeContext } from "./change-context.ts";
import { appliedCommits } from "./deployed.ts";
import { digest } from "./digest.ts";
import { landedCommit } from "./landing.ts";
import { failureOf, openOperation } from "./preview.ts";
import { sectionAt } from "./section.ts";
import type { Session } from "./session.ts";

/**
 * What came of an apply that nobody saw the end of. Git tells whether it was pushed, the operation's files whether an apply was asked for, and
 * the refreshed world what landed: all, nothing or a part. The operation is brought to its end first, with every process it had.
 */
export async function resolveInterruption(
  context: ChangeContext,
  found: Changeset,
  session: Session,
): Promise<Changeset> {
  let changeset = found;
  try {
    if (changeset.state === "applying") changeset = await context.record(changeset, "interrupted");
    return await resolve(context, changeset, session);
  } catch (error) {
    await session.end();
    const { failure } = failureOf(error, "recover");
    if (failure === undefined || changeset.state !== "interrupted") throw error;
    context.alert(changeset, failure.message);
    return context.record(changeset, "deferred", { failure }, { failure });
  }
}

async function resolve(context: ChangeContext, changeset: Changeset, session: Session): Promise<Changeset> {
  const { review, infrastructure } = context.dependencies;
  const { id, stack, operation } = changeset;
  const checkout = await review.checkout(appliedCommits(changeset).commit, id);
  const settled = await infrastructure.settle(operation!, stack, checkout);
  const detail = { cleared: settled.cleared };
  if (settled.applyResult?.moved) return context.record(changeset, "nothing-landed", {}, detail);
  if (!settled.applyBegun) {
    // Waiting for somebody else's lock is no attempt.
    const attempts = Math.max(0, (changeset.attempts ?? 1) - 1);
    return context.record(changeset, "nothing-landed", { attempts }, detail);
  }
  const landed = await landedCommit(context, changeset);
  if (await overtaken(context, changeset))
    return context.record(changeset, "nothing-landed", {}, { ...detail, overtaken: true });
  if (landed === undefined) throw new Error(`changeset ${id}: applied without its commit on the branch`);
  if (settled.applyResult?.outcome === "applied")
    return context.record(changeset, "applied", { failure: undefined }, detail);
  const running = await openOperation(context, changeset, session);
  const { changes } = await running.preview(checkout);
  if (changes.length === 0) return context.record(changeset, "applied", { failure: undefined }, detail);
  if (changesDigest(changes) === changeset.previewDigest)
    return context.record(changeset, "nothing-landed", {}, detail);
  await session.end();
  const message = `only a part came about: ${changes.map(({ resource, property }) => `${resource}.${property}`).join(", ")} did not`;
  context.alert(changeset, message);
  return context.record(
    changeset,
    "partially-applied",
    { failure: { step: "up", message } },
    { ...detail, missing: changes },
  );
}

/** Whether the branch has gone on: another engine has taken over meanwhile, and what this change wanted is no longer asked for. */
async function overtaken(context: ChangeContext, { workload, stack, after }: Changeset): Promise<boolean> {
  const head = await context.dependencies.review.head();
  return digest(await sectionAt(context, head, stack, workload)) !== digest(after);
}
