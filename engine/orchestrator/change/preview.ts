import type { Changeset, PropertyChange } from "../../../model/changeset.ts";
import { approvedEnvelope } from "./approved-envelope.ts";
import { changesDigest, resourcesDigest } from "./binding.ts";
import type { ChangeContext } from "./change-context.ts";
import { commitChange } from "./commit.ts";
import { appliedCommits, ontoDeployed } from "./deployed.ts";
import { digest } from "./digest.ts";
import { gate } from "./gate.ts";
import { InfrastructureError, type Operation, type Preview } from "./infrastructure.port.ts";
import { withoutChange } from "./landing.ts";
import { otherOwners } from "./other-owners.ts";
import { isProvenEmpty } from "./proof.ts";
import { holdRaised, leavesRaised, raisedByHand, raisedLeast } from "./raised-by-hand.ts";
import { reversibilityOf } from "./reversibility.ts";
import { ReviewHostError } from "./review-host.port.ts";
import { sectionAt } from "./section.ts";
import type { Session } from "./session.ts";
import type { ChangesetPatch } from "./transitions.ts";

/**
 * Steps 2 and 3: the commit, its preview with refresh, the rehearsal of the way back, and the gate. Nothing has been changed when it returns.
 * What is out of reach defers; what a person must look at ends the changeset.
 */
export async function previewChange(context: ChangeContext, proposed: Changeset, session: Session): Promise<Changeset> {
  let changeset = proposed;
  for (let attempt = 1; ; attempt++) {
    try {
      changeset = await begin(context, changeset);
      return await judge(context, changeset, session);
    } catch (error) {
      await session.end();
      const lost = error instanceof InfrastructureError && error.failure === "lost";
      if (!lost || attempt >= context.limits.attempts) return giveUp(context, changeset, error);
    }
  }
}

async function giveUp(context: ChangeContext, changeset: Changeset, error: unknown): Promise<Changeset> {
  const { failure } = failureOf(error, "preview");
  if (failure === undefined) throw error;
  context.alert(changeset, failure.message);
  const final = error instanceof InfrastructureError && error.failure === "program";
  if (final && changeset.state === "previewing") return context.record(changeset, "failed", { failure }, { failure });
  return context.record(changeset, "deferred", { failure }, { failure });
}

async function begin(context: ChangeContext, changeset: Changeset): Promise<Changeset> {
  const { review } = context.dependencies;
  // Nothing is changed by a preview: it need not wait for a host that is out of reach.
  const head = await review.head({ lastSeen: true });
  const timings: Record<string, number> = { ...changeset.timings };
  const commit = () => context.timed(timings, changeset.id, "commit", () => commitChange(context, changeset, head));
  // What a person has put on the branch is not committed once more.
  const commits =
    changeset.landed === undefined
      ? { baseCommit: head, commit: await commit() }
      : { baseCommit: await withoutChange(context, changeset, head), commit: head, landed: head };
  return context.record(
    changeset,
    "preview-started",
    { ...commits, timings, deployedCommit: undefined, deployCommit: undefined },
    commits,
  );
}

async function judge(context: ChangeContext, begun: Changeset, session: Session): Promise<Changeset> {
  const { review, store } = context.dependencies;
  const { id, workload, stack, before, after } = begun;
  let changeset = begun;
  const timings: Record<string, number> = {};
  const timed = <Value>(step: string, work: () => Promise<Value>) => context.timed(timings, id, step, work);

  const section = await sectionAt(context, changeset.baseCommit!, stack, workload);
  const asked = changeset.landed === undefined ? after : await sectionAt(context, changeset.landed, stack, workload);
  if (digest(section) !== digest(before) || digest(asked) !== digest(after))
    return block(context, changeset, ["the workload's section of the capacity file is no longer what was decided on"]);
  if (digest(before) === digest(after) && changeset.repairs === undefined)
    return context.record(changeset, "found-unchanged");

  // The operation's process starts while git works.
  const operation = await openOperation(context, changeset, session);
  const checkout = () => review.checkout(appliedCommits(changeset).commit, id);
  const baseCheckout = () => review.checkout(appliedCommits(changeset).base, `${id}-base`);
  const previewsBefore = new Map<string, Promise<Preview>>();
  const previewBefore = () => {
    const { base } = appliedCommits(changeset);
    const known =
      previewsBefore.get(base) ?? timed("previewBefore", async () => operation.preview(await baseCheckout()));
    previewsBefore.set(base, known);
    return known;
  };
  const previewAfter = () =>
    timed("preview", async () => operation.preview(await checkout(), { policiesFor: workload }));
  const obstaclesTo = (preview: Preview, raised: readonly PropertyChange[]) =>
    unexpected(context, changeset, preview, raised, previewBefore);
  let preview = await previewAfter();
  const bound = context.dependencies.bound?.(workload) ?? { own: [], others: [] };
  const risen = raisedLeast(preview.drift, bound);
  const raised = risen.length === 0 ? [] : raisedByHand(risen, await previewBefore());
  if (raised.length > 0) await holdRaised(context, changeset, raised);
  let obstacles = await obstaclesTo(preview, raised);
  if (obstacles.length > 0) {
    const onto = await ontoDeployed(context, changeset, await operation.deployedCommit(await checkout()));
    if (onto !== undefined) {
      changeset = onto;
      preview = await previewAfter();
      obstacles = await obstaclesTo(preview, raised);
    }
  }
  if (obstacles.length > 0) return block(context, changeset, obstacles);
  // What a hand has raised is there already; git and the recorded state are still to say so.
  if (preview.changes.length === 0 && raised.length === 0)
    return context.record(changeset, "found-unchanged", { timings });

  const reverse =
    changeset.repairs === undefined && changeset.adopts === undefined
      ? await timed("rehearseReverse", async () => rehearse(operation, await baseCheckout(), preview))
      : { changes: [] };
  const reversibility = reversibilityOf(before, after, preview.changes, reverse?.changes);
  const now = context.now();
  const verdict = await timed("gate", async () =>
    gate({
      changeset,
      constraints: context.dependencies.constraints(workload),
      changes: preview.changes,
      bound,
      policyViolations: [...preview.policyViolations, ...otherOwners(preview)],
      reversibility,
      freezes: await store.freezes(),
      pins: await store.pins(now),
      envelope:
        changeset.mode === "auto" ? undefined : await approvedEnvelope(context, changeset.baseCommit!, stack, workload),
      now,
    }),
  );
  const patch: ChangesetPatch = {
    changes: preview.changes,
    previewDigest: changesDigest(preview.changes),
    stateDigest: preview.stateDigest,
    policyViolations: preview.policyViolations,
    reversibility,
    reverseChanges: reverse?.changes ?? [],
    binding: {
      section: digest(before),
      resources: resourcesDigest(preview, after.owns),
      program: await review.programDigest(appliedCommits(changeset).base, stack),
    },
    timings: { ...changeset.timings, ...timings },
    envelope: undefined,
    failure: undefined,
  };
  const detail = { preview: patch.previewDigest, state: patch.stateDigest, reversibility, changes: preview.changes };
  if (verdict.verdict === "refused") {
    await session.end();
    const failure = { step: "gate", message: verdict.reasons.join("; ") };
    return context.record(changeset, "refused", { ...patch, failure }, { ...detail, reasons: verdict.reasons });
  }
  if (verdict.verdict === "approval-required") {
    await session.end();
    return context.record(
      changeset,
      "approval-required",
      { ...patch, notes: verdict.reasons },
      { ...detail, reasons: verdict.reasons },
    );
  }
  session.preview = preview;
  const envelope = verdict.verdict === "approved" ? verdict.envelope : undefined;
  const by = changeset.requestedBy ?? (envelope === undefined ? "policy" : "envelope");
  return context.record(
    changeset,
    "approved",
    { ...patch, approvedBy: by, envelope },
    { ...detail, by, ...(envelope && { envelope }) },
  );
}

/**
 * What stands between the recorded and the wanted besides this change: the world was changed by others, or the program was. A changeset
 * that completes or takes back one that did not go well expects just that. Where the world has moved to what the program asks for by now,
 * as when a step of a plan has come and its schedule has gone, nobody has changed it. What somebody has raised by hand is no obstacle to a change
 * that leaves it as high.
 */
async function unexpected(
  context: ChangeContext,
  changeset: Changeset,
  preview: Preview,
  raised: readonly PropertyChange[],
  previewBefore: () => Promise<Preview>,
): Promise<string[]> {
  if (await mends(context, changeset)) return [];
  const kept = leavesRaised(raised, preview) ? raised : [];
  const moved = preview.drift.filter((one) => !kept.includes(one));
  const drift = moved.map(
    ({ resource, property, operation, before, after }) =>
      `drift: ${resource}${property === "" ? "" : `.${property}`} was changed by others ${
        operation === "delete" ? "(deleted)" : `from ${JSON.stringify(before)} to ${JSON.stringify(after)}`
      }`,
  );
  if (
    preview.drift.length === 0 &&
    (await isProvenEmpty(context, changeset.stack, appliedCommits(changeset).base, preview.stateDigest))
  )
    return [];
  const before = await previewBefore();
  // Without this change the program would take back what was raised: that is what it is for not to.
  const others = before.changes.filter(
    ({ urn, property }) => !kept.some((one) => one.urn === urn && one.property === property),
  );
  if (others.length > 0 && drift.length > 0) return drift;
  return others.map(
    ({ resource, property, operation }) =>
      `the program at ${appliedCommits(changeset).base.slice(0, 12)} is not what is deployed: it would ${operation} ${resource}${property === "" ? "" : `.${property}`}`,
  );
}

async function mends(context: ChangeContext, { repairs, reverses, adopts }: Changeset): Promise<boolean> {
  if (adopts !== undefined) return true;
  const other = repairs ?? reverses;
  const state = other === undefined ? undefined : (await context.dependencies.store.changeset(other))?.state;
  return state === "partial" || state === "diverged";
}

async function rehearse(operation: Operation, checkout: string, preview: Preview): Promise<Preview | undefined> {
  try {
    return await operation.rehearse(checkout, preview);
  } catch (error) {
    if (error instanceof InfrastructureError && error.failure === "program") return undefined;
    throw error;
  }
}

async function block(context: ChangeContext, changeset: Changeset, reasons: readonly string[]): Promise<Changeset> {
  const message = reasons.join("; ");
  context.alert(changeset, message);
  return context.record(changeset, "blocked", { failure: { step: "preview", message } }, { reasons });
}

/** The session's operation, begun when there is none. */
export function openOperation(context: ChangeContext, changeset: Changeset, session: Session): Promise<Operation> {
  const identifier = `${changeset.id}-${context.dependencies.newId()}`;
  return session.operation(() => context.dependencies.infrastructure.begin(identifier, changeset.stack), identifier);
}

/** What a step's error is to a changeset; nothing where it is the program's own fault. */
export function failureOf(error: unknown, step: string): { failure?: { step: string; message: string } } {
  const expected = error instanceof InfrastructureError || error instanceof ReviewHostError;
  return expected ? { failure: { step, message: error.message } } : {};
}
