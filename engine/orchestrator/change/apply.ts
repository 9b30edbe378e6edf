import type { Binding, Changeset } from "../../../model/changeset.ts";
import { approvedEnvelope, unapproved } from "./approved-envelope.ts";
import { changesDigest, moved, resourcesDigest } from "./binding.ts";
import type { ChangeContext } from "./change-context.ts";
import { commitChange } from "./commit.ts";
import { digest } from "./digest.ts";
import { frozen } from "./gate.ts";
import { InfrastructureError, type Preview } from "./infrastructure.port.ts";
import { landedCommit } from "./landing.ts";
import { failureOf, openOperation } from "./preview.ts";
import { sectionAt } from "./section.ts";
import type { Session } from "./session.ts";
import { withdraw } from "./withdraw.ts";

/** The step that a failure names while somebody else holds the stack. */
export const WAITING = "waiting for the stack";

/**
 * Steps 4 and 5: compare-and-swap push to the branch, then the apply. Before that the approval is held against the present: a preview of this
 * pass does, else there is a new one. Everything that did not go cleanly is `interrupted`: only the world says what came of it.
 */
export async function applyChange(context: ChangeContext, approved: Changeset, session: Session): Promise<Changeset> {
  const { store } = context.dependencies;
  const holds = frozen(approved, await store.freezes());
  const attempts = approved.attempts ?? 0;
  if (holds.length > 0 || attempts >= context.limits.attempts) {
    await session.end();
    const message =
      holds.length > 0 ? holds.join("; ") : `given up after ${attempts} attempts: ${approved.failure?.message}`;
    await withdraw(context, approved);
    return context.record(approved, "cancelled", { failure: { step: "apply", message } }, { reasons: [message] });
  }
  let changeset = approved;
  try {
    const ready = await prepare(context, changeset, session);
    if ("state" in ready) return ready;
    const { preview, checkout, ...commits } = ready;
    const operation = await openOperation(context, changeset, session);
    changeset = await context.record(
      changeset,
      "apply-started",
      { ...commits, operation: session.identifier, attempts: attempts + 1, stateDigest: preview.stateDigest },
      { ...commits, operation: session.identifier, preview: approved.previewDigest, approvedBy: approved.approvedBy },
    );
    return await pushAndApply(context, changeset, checkout, preview, operation, session);
  } catch (error) {
    await session.end();
    const { failure } = failureOf(error, "apply");
    if (failure === undefined) throw error;
    context.alert(changeset, failure.message);
    const event = changeset.state === "applying" ? "interrupted" : "deferred";
    const locked = error instanceof InfrastructureError && error.failure === "locked";
    const reason = locked ? { ...failure, step: WAITING } : failure;
    return context.record(changeset, event, { failure: reason }, { failure: reason });
  }
}

interface Ready {
  readonly baseCommit: string;
  readonly commit: string;
  readonly checkout: string;
  readonly preview: Preview;
}

/** The preview that the apply rests on, or the changeset proposed again because what it was approved on has moved. */
async function prepare(context: ChangeContext, changeset: Changeset, session: Session): Promise<Ready | Changeset> {
  const { review } = context.dependencies;
  const { id, stack, workload, binding } = changeset;
  let [baseCommit, commit] = [changeset.baseCommit!, changeset.commit!];
  const head = await review.head({ lastSeen: mayPrecede(changeset) });
  const covered = await stillCovered(context, changeset, head);
  if (covered !== undefined) return covered;
  if (session.preview !== undefined && head === baseCommit)
    return {
      baseCommit,
      commit,
      checkout: await review.checkout(changeset.deployCommit ?? commit, id),
      preview: session.preview,
    };

  const landed = await landedCommit(context, changeset);
  const now = { ...binding! } as { -readonly [Key in keyof Binding]: Binding[Key] };
  if (landed === undefined && head !== baseCommit) {
    now.section = digest(await sectionAt(context, head, stack, workload));
    now.program = await review.programDigest(changeset.deployedCommit ?? head, stack);
    if (moved(binding!, now).length === 0) {
      baseCommit = head;
      commit = await commitChange(context, changeset, head);
    }
  } else if (landed !== undefined) {
    commit = landed;
    now.program = await review.programDigest(changeset.deployedCommit ?? head, stack);
    now.section = digest(await sectionAt(context, head, stack, workload));
    if (now.section === digest(changeset.after)) now.section = binding!.section;
  }
  let reasons = moved(binding!, now);
  if (reasons.length === 0) {
    const checkout = await review.checkout(changeset.deployCommit ?? commit, id);
    const operation = await openOperation(context, changeset, session);
    const timings: Record<string, number> = { ...changeset.timings };
    const preview = await context.timed(timings, id, "preview", () =>
      operation.preview(checkout, { policiesFor: workload }),
    );
    now.resources = resourcesDigest(preview, changeset.after.owns);
    reasons = moved(binding!, now);
    if (reasons.length === 0 && changesDigest(preview.changes) !== changeset.previewDigest)
      reasons = ["what an apply would change"];
    if (reasons.length === 0) return { baseCommit, commit, checkout, preview };
  }
  await session.end();
  const message = `moved since the approval: ${reasons.join(", ")}`;
  context.alert(changeset, message);
  // On the branch from an attempt that came to nothing, it would be what the branch asks for and nobody carries out, and block what follows. What a
  // person has merged is that person's will.
  if (landed !== undefined && changeset.approvedBy !== "merge") await withdraw(context, changeset);
  return context.record(
    changeset,
    "moved",
    { failure: { step: "apply", message }, approvedBy: undefined },
    { reasons },
  );
}

/** The changeset proposed again where the envelope that approved it has ended, or was changed to one that does not cover it. */
async function stillCovered(
  context: ChangeContext,
  changeset: Changeset,
  head: string,
): Promise<Changeset | undefined> {
  if (changeset.envelope === undefined) return undefined;
  const present = await approvedEnvelope(context, head, changeset.stack, changeset.workload);
  const outside = unapproved(present, changeset, context.now());
  if (outside.length === 0) return undefined;
  await withdraw(context, changeset);
  const message = `no envelope approves it any more: ${outside.join("; ")}`;
  context.alert(changeset, message);
  return context.record(
    changeset,
    "moved",
    { failure: { step: "apply", message }, approvedBy: undefined, envelope: undefined },
    { reasons: outside },
  );
}

/** Whether a change may be carried out before the review host has its commit: what was approved beforehand never waits for a host out of reach. */
function mayPrecede({ envelope }: Changeset): boolean {
  return envelope !== undefined;
}

async function pushAndApply(
  context: ChangeContext,
  changeset: Changeset,
  checkout: string,
  preview: Preview,
  operation: Awaited<ReturnType<typeof openOperation>>,
  session: Session,
): Promise<Changeset> {
  const { review } = context.dependencies;
  const timings: Record<string, number> = { ...changeset.timings };
  if (!context.holds())
    throw new InfrastructureError("unavailable", "the lease has passed: nothing is pushed or applied");
  const pushed = await context.timed(timings, changeset.id, "push", () =>
    review.push(changeset.commit!, changeset.baseCommit!, { late: mayPrecede(changeset) }),
  );
  if (pushed.outcome === "moved") {
    await session.end();
    const failure = { step: "push", message: `the branch stands at ${pushed.head}, expected ${changeset.baseCommit}` };
    return context.record(changeset, "interrupted", { failure }, { failure });
  }
  const notes = pushed.note === undefined ? changeset.notes : [...(changeset.notes ?? []), pushed.note];
  const result = await context.timed(timings, changeset.id, "up", () => operation.apply(checkout, preview.stateDigest));
  session.preview = undefined;
  if (result.outcome === "applied")
    return context.record(changeset, "applied", { timings, notes, failure: undefined }, { seconds: result.seconds });
  const failure = { step: "up", message: result.message ?? "the apply failed" };
  await session.end();
  if (!(result.moved ?? false)) context.alert(changeset, failure.message);
  return context.record(changeset, "interrupted", { timings, notes, failure }, { failure });
}
