import { setTimeout as sleep } from "node:timers/promises";
import { replicasAt } from "../../../model/capacity.ts";
import type { Changeset } from "../../../model/changeset.ts";
import type { ChangeContext } from "./change-context.ts";
import { appliedCommits } from "./deployed.ts";
import { InfrastructureError, type Preview } from "./infrastructure.port.ts";
import { failureOf, openOperation } from "./preview.ts";
import { forgetProof, recordProof } from "./proof.ts";
import type { Session } from "./session.ts";

/**
 * Steps 6 and 7: the provider is read back until nothing differs and enough replicas are ready, or the deadline has come. The lead time runs
 * from the decision to the first reading that shows it.
 */
export async function verifyChange(context: ChangeContext, changeset: Changeset, session: Session): Promise<Changeset> {
  const { clock, review } = context.dependencies;
  const { id, stack } = changeset;
  const { commit } = appliedCommits(changeset);
  const deadline = clock.monotonic() + context.limits.verifyDeadline;
  const timings: Record<string, number> = { ...changeset.timings };
  let shortfall = "";
  for (;;) {
    try {
      const checkout = await review.checkout(commit, id);
      const operation = await openOperation(context, changeset, session);
      const preview = await context.timed(timings, id, "verify", () => operation.preview(checkout));
      const ready = context.dependencies.status?.read(changeset.workload)?.ready ?? readyReplicas(changeset, preview);
      shortfall = shortfallOf(context, changeset, preview, ready);
      if (shortfall === "") return await conclude(context, changeset, preview, ready, timings);
    } catch (error) {
      await session.end();
      const { failure } = failureOf(error, "verify");
      if (failure === undefined) throw error;
      if (!(error instanceof InfrastructureError) || clock.monotonic() >= deadline) {
        context.alert(changeset, failure.message);
        return context.record(changeset, "deferred", { failure }, { failure });
      }
    }
    if (shortfall !== "" && clock.monotonic() >= deadline) break;
    await sleep(context.limits.verifyInterval * 1000);
  }
  context.alert(changeset, shortfall);
  await forgetProof(context, stack);
  return context.record(
    changeset,
    "diverged",
    { timings, failure: { step: "verify", message: shortfall } },
    { shortfall },
  );
}

async function conclude(
  context: ChangeContext,
  changeset: Changeset,
  preview: Preview,
  ready: number | undefined,
  timings: Record<string, number>,
): Promise<Changeset> {
  const leadTime = Math.max(0, context.now() - (changeset.evidence?.decidedAt ?? changeset.createdAt));
  const done = await context.record(
    changeset,
    "verified",
    { leadTime, timings, failure: undefined, ...(ready !== undefined && { ready }) },
    { leadTime, ready, state: preview.stateDigest },
  );
  await recordProof(context, changeset.stack, appliedCommits(changeset).commit, preview.stateDigest);
  await linkReverse(context, done);
  return done;
}

/** Rolled back is a link to the reverse, not a state. */
async function linkReverse(context: ChangeContext, done: Changeset): Promise<void> {
  const { store } = context.dependencies;
  if (done.reverses === undefined) return;
  const reversed = await store.changeset(done.reverses);
  if (reversed === undefined || reversed.reversedBy === done.id) return;
  const linked = { ...reversed, reversedBy: done.id, revision: reversed.revision + 1, updatedAt: context.now() };
  await store.save(linked, reversed.revision, {
    at: context.now(),
    kind: "rollback",
    workload: reversed.workload,
    changeset: reversed.id,
    body: { reversedBy: done.id },
  });
}

/** What is not yet as it should be, in words; empty when all is. */
function shortfallOf(
  context: ChangeContext,
  { after }: Changeset,
  { changes }: Preview,
  ready: number | undefined,
): string {
  // Drift without a change is the world's way to what the program asks for by now: a step of the plan has come meanwhile.
  const differing = changes.map(({ resource, property }) => (property === "" ? resource : `${resource}.${property}`));
  if (differing.length > 0)
    return `after the apply the provider shows another value of ${[...new Set(differing)].join(", ")}`;
  const wanted = replicasAt(after, context.now());
  return ready !== undefined && ready < wanted ? `${ready} of ${wanted} replicas are ready` : "";
}

/** Replicas that the provider reports as `ready` on the workload's resource; `undefined` where none does. */
function readyReplicas({ workload, changes }: Changeset, { present }: Preview): number | undefined {
  const touched = new Set(changes?.map(({ urn }) => urn));
  const reporting = present.filter(
    ({ outputs, inputs }) => typeof outputs.ready === "number" && ("replicas" in inputs || "count" in inputs),
  );
  const own =
    reporting.find(({ name, inputs }) => name === workload || inputs.workload === workload) ??
    reporting.find(({ urn }) => touched.has(urn));
  return own?.outputs.ready as number | undefined;
}
