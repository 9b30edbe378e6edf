import { type BoundResources, isBound } from "../../../model/bound-resources.ts";
import type { Changeset, PropertyChange } from "../../../model/changeset.ts";
import { valueAt } from "../../../model/property-path.ts";
import type { ChangeContext } from "./change-context.ts";
import type { Preview } from "./infrastructure.port.ts";

/** Where the targets keep the least number of replicas, or the number itself. */
const LEAST =
  /(^|\.)(count|replicas|minSize|minCapacity|desiredCapacity|desiredCount|targetSize|minReplicas|capacity(\.minimum)?)$/;

/** Drift by which the least number of replicas of a workload has risen. Text that reads as a number counts as one. Pure. */
export function raisedLeast(drift: readonly PropertyChange[], bound: BoundResources): PropertyChange[] {
  return drift.filter(
    ({ operation, property, before, after, resource }) =>
      operation === "update" && LEAST.test(property) && isBound(bound, resource) && numberOf(after) > numberOf(before),
  );
}

/**
 * What of it somebody has raised by hand: what the program would take back as it is without the change. Where a step of the plan has come the program
 * asks for the new number too, and nobody has raised it. Pure.
 *
 * @param before the preview without the change
 */
export function raisedByHand(raised: readonly PropertyChange[], before: Pick<Preview, "changes">): PropertyChange[] {
  return raised.filter(({ urn, property }) =>
    before.changes.some((one) => one.urn === urn && one.property === property),
  );
}

/** Whether a change leaves each of them at least as high as the hand has put it. Pure. */
export function leavesRaised(raised: readonly PropertyChange[], { resources }: Pick<Preview, "resources">): boolean {
  return raised.every(({ urn, property, after }) => {
    const planned = resources.find((resource) => resource.urn === urn);
    return planned !== undefined && numberOf(valueAt(planned.inputs, property)) >= numberOf(after);
  });
}

/**
 * An increase by hand is a floor for a while: a pin, on record, by which the next decision asks for as much, and which no change goes below. A person's
 * own pin is only raised.
 */
export async function holdRaised(
  context: ChangeContext,
  { workload, id }: Changeset,
  raised: readonly PropertyChange[],
): Promise<void> {
  const { store } = context.dependencies;
  const now = context.now();
  const min = Math.max(...raised.map(({ after }) => numberOf(after)));
  const present = (await store.pins(now)).find((pin) => pin.workload === workload);
  if (present?.min !== undefined && present.min >= min) return;
  const until = Math.max(present?.until ?? 0, now + context.limits.raisedHolds);
  const where = raised.map(({ resource, property }) => `${resource}.${property}`).join(", ");
  const by = `whoever raised ${where} by hand`;
  await store.setPin(
    { ...present, workload, min, until, by: present === undefined ? by : `${present.by}, and ${by}` },
    { at: now, kind: "pin", workload, changeset: id, body: { min, until, by, drift: raised } },
  );
}

function numberOf(value: unknown): number {
  return typeof value === "number"
    ? value
    : typeof value === "string" && value.trim() !== ""
      ? Number(value)
      : Number.NaN;
}
