import { type BoundResources, isBound } from "../../../model/bound-resources.ts";
import { baseReplicas, type Capacity } from "../../../model/capacity.ts";
import type { Changeset, EnvelopeApproval, PropertyChange, Reversibility } from "../../../model/changeset.ts";
import type { Constraints } from "../../../model/constraints.ts";
import { formatInstant } from "../../../model/instant.ts";
import { isSchedule, isStorage, isTemplate } from "../../../model/resource-kinds.ts";
import { type ApprovedEnvelope, approvalOf, unapproved } from "./approved-envelope.ts";
import type { Freeze, Pin } from "./control-store.port.ts";

export interface GateInput {
  readonly changeset: Changeset;
  readonly constraints: Constraints;
  readonly changes: readonly PropertyChange[];
  /** Which resources are the workload's, and which are others'. */
  readonly bound: BoundResources;
  readonly policyViolations: readonly string[];
  readonly reversibility: Reversibility;
  readonly freezes: readonly Freeze[];
  readonly pins: readonly Pin[];
  /** What is approved beforehand, where the stack has an envelope file. */
  readonly envelope?: ApprovedEnvelope;
  readonly now: number;
}

/** Whether a previewed change may go on, must ask, or may not be; with every reason, not only the first. */
export type Verdict =
  | {
      readonly verdict: "approved";
      /** What it was approved by beforehand, where it would have asked without. */
      readonly envelope?: EnvelopeApproval;
    }
  | { readonly verdict: "approval-required" | "refused"; readonly reasons: readonly string[] };

/**
 * Judges a change by its real diff: what decided may have been wrong, and a program may do with a capacity what nobody expected. Pure.
 */
export function gate(input: GateInput): Verdict {
  const refusals = [
    ...input.policyViolations,
    ...outOfBounds(input),
    ...oneWay(input.changeset.before, input.changeset.after),
    ...blastRadius(input.changes),
    ...outside(input),
    ...frozen(input.changeset, input.freezes),
  ];
  if (refusals.length > 0) return { verdict: "refused", reasons: refusals };
  const questions = asksFor(input);
  const { changeset, envelope, now } = input;
  const reviewed = changeset.mode !== "auto" && changeset.requestedBy === undefined;
  const uncovered = reviewed ? unapproved(envelope, changeset, now) : [];
  if (questions.length + uncovered.length > 0)
    return { verdict: "approval-required", reasons: [...uncovered, ...questions] };
  return reviewed ? { verdict: "approved", envelope: approvalOf(envelope!, changeset, now) } : { verdict: "approved" };
}

/** Holds that stop a changeset: all but the rescue of present demand and what a person asks for; with `all` the rescue as well. */
export function frozen({ workload, urgent, requestedBy }: Changeset, freezes: readonly Freeze[]): string[] {
  if (requestedBy !== undefined) return [];
  return freezes
    .filter((freeze) => (freeze.workload === workload || freeze.workload === "*") && (freeze.all || !urgent))
    .map(({ by, reason }) => `frozen by ${by}${reason === undefined ? "" : `: ${reason}`}`);
}

/**
 * Figures that a person does not allow. All that the file asks for counts, and not what is in force alone: a base floor behind a step of the plan
 * that has come is in force again when the plan is taken away, and a target may take the least of all floors for its minimum.
 */
function outOfBounds({ changeset, constraints, pins, now }: GateInput): string[] {
  const pin = pins.filter((candidate) => candidate.workload === changeset.workload && candidate.until > now);
  const min = Math.max(constraints.availability.replicas.min, ...pin.map((one) => one.min ?? 0));
  const max = Math.max(
    Math.min(constraints.availability.replicas.max, ...pin.map((one) => one.max ?? Number.POSITIVE_INFINITY)),
    // A pin is a person's word: its least may lie above the constraints' most.
    ...pin.map((one) => one.min ?? 0),
  );
  const { after } = changeset;
  const figures: [replicas: number, what: string][] = [
    [baseReplicas(after), "count" in after.replicas ? "count" : "floor"],
    ...("ceiling" in after.replicas ? [[after.replicas.ceiling, "ceiling"] as [number, string]] : []),
    ...after.plan.map(({ at, floor }): [number, string] => [floor, `plan's step at ${formatInstant(at)}`]),
  ];
  return figures
    .filter(([replicas]) => replicas < min || replicas > max)
    .map(([replicas, what]) => `replicas: expected ${min} to ${max}, found ${replicas} as the ${what}`);
}

function oneWay(before: Capacity, after: Capacity): string[] {
  const [was, is] = [before.storage.size, after.storage.size];
  return was !== undefined && (is === undefined || is < was)
    ? [`storage.size: expected at least ${was} bytes since storage does not shrink, found ${is ?? "none"}`]
    : [];
}

function blastRadius(changes: readonly PropertyChange[]): string[] {
  return changes
    .filter(
      ({ operation, type }) =>
        !isSchedule(type) &&
        (operation === "delete" || (operation === "replace" && (isStorage(type) || !isTemplate(type)))),
    )
    .map(({ operation, type, resource }) => `a change of capacity would ${operation} ${resource} (${type})`)
    .filter((text, i, all) => all.indexOf(text) === i);
}

/** What the preview touches that is not the workload's: the program does with a capacity what nobody expected. */
function outside({ changeset, changes, bound }: GateInput): string[] {
  return changes
    .filter(({ resource }) => !isBound(bound, resource))
    .map(
      ({ resource, type }) =>
        `${resource} (${type}) is not of ${changeset.workload}, and would change with its capacity`,
    )
    .filter((text, i, all) => all.indexOf(text) === i);
}

function asksFor({ changeset, constraints, changes, reversibility }: GateInput): string[] {
  if (changeset.requestedBy !== undefined) return [];
  const reasons: string[] = [];
  if (reversibility === "irreversible" && constraints.change.irreversible === "approve")
    reasons.push("there is no way back, and change.irreversible is approve");
  if (isVertical(changeset) && constraints.change.vertical === "review")
    reasons.push("the size of a replica changes, and change.vertical is review");
  for (const { operation, type, resource } of changes)
    if (operation === "create" && !isSchedule(type)) reasons.push(`${resource} (${type}) would be created`);
  return reasons;
}

function isVertical({ before, after }: Changeset): boolean {
  return (["cpu", "memory", "instance"] as const).some((key) => before.perReplica[key] !== after.perReplica[key]);
}
