import { replicasAt } from "../../../model/capacity.ts";
import type { Changeset, EnvelopeApproval, StackReference } from "../../../model/changeset.ts";
import { type Envelope, envelopePath, parseEnvelope } from "../../../model/envelope.ts";
import { InputError } from "../../../model/input-error.ts";
import type { ChangeContext } from "./change-context.ts";
import { outsideEnvelope } from "./within-envelope.ts";

/** The reason for which a changeset in review mode waits where no envelope covers it. */
export const ASKS = "mode: review";

/** What is approved beforehand on the branch. */
export interface ApprovedEnvelope {
  readonly path: string;
  readonly commit: string;
  readonly envelope?: Envelope;
  /** What is wrong with the file: then it approves nothing. */
  readonly problem?: string;
}

/** The envelope of a workload at a commit of the branch; `undefined` where the stack has no such file. */
export async function approvedEnvelope(
  context: ChangeContext,
  commit: string,
  stack: StackReference,
  workload: string,
): Promise<ApprovedEnvelope | undefined> {
  const path = envelopePath(context.capacityPath(stack));
  const text = await context.dependencies.review.read(commit, path);
  if (text === undefined) return undefined;
  try {
    return { path, commit, envelope: parseEnvelope(text, path).get(workload) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { path, commit, problem: error.message };
  }
}

/** Why a change in review mode asks, in words; empty where an envelope approves it. The first of them is `ASKS`. Pure. */
export function unapproved(
  approved: ApprovedEnvelope | undefined,
  { workload, before, after }: Pick<Changeset, "workload" | "before" | "after">,
  now: number,
): string[] {
  if (approved === undefined) return [ASKS];
  const { path, envelope, problem } = approved;
  if (problem !== undefined) return [ASKS, `the envelope approves nothing: ${problem}`];
  if (envelope === undefined) return [ASKS, `${path} has no envelope of ${workload}`];
  const outside = outsideEnvelope(envelope, before, after, now);
  return outside.length === 0 ? [] : [ASKS, ...outside.map((text) => `outside ${path}: ${text}`)];
}

/** What a change is approved by, for the record. */
export function approvalOf(
  { path, commit, envelope }: ApprovedEnvelope,
  { after }: Pick<Changeset, "after">,
  now: number,
): EnvelopeApproval {
  const floors = [replicasAt(after, now), ...after.plan.filter(({ at }) => at > now).map(({ floor }) => floor)];
  const { until, hours } = envelope!;
  return {
    path,
    commit,
    until,
    floors: { least: Math.min(...floors), greatest: Math.max(...floors) },
    approved: {
      least: Math.min(...hours.map(({ least }) => least)),
      greatest: Math.max(...hours.map(({ greatest }) => greatest)),
    },
  };
}
