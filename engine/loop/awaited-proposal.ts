import type { Capacity } from "../../model/capacity.ts";
import type { Changeset } from "../../model/changeset.ts";
import type { Reason } from "../../model/reason.ts";

/** Reasons by which people move a floor at once. */
const HELD_BY_PEOPLE: readonly Reason["kind"][] = ["pin", "bounds", "availability"];

export interface NewlyDecided {
  readonly capacity: Capacity;
  readonly reasons: readonly Reason[];
  /** Rescue of present demand. */
  readonly urgent: boolean;
  /** Epoch seconds. */
  readonly now: number;
  /** Seconds between two plans. */
  readonly interval: number;
}

/**
 * Whether a proposal that waits for a person stays as it is although something is decided anew: the same capacity; a person's own numbers, but for a
 * rescue; and floors, which are decided once an interval, until the next. What is urgent there the native autoscaler does. Pure.
 */
export function staysAsItIs(
  { after, editedBy, createdAt }: Pick<Changeset, "after" | "editedBy" | "createdAt">,
  { capacity, reasons, urgent, now, interval }: NewlyDecided,
): boolean {
  if (JSON.stringify(after) === JSON.stringify(capacity)) return true;
  if (editedBy !== undefined && !urgent) return true;
  const floors = capacity.owns === "floor" && JSON.stringify(sizes(capacity)) === JSON.stringify(sizes(after));
  const held = reasons.some(({ kind }) => HELD_BY_PEOPLE.includes(kind));
  return floors && !held && now - createdAt < interval;
}

function sizes({ owns, perReplica, storage, network }: Capacity): unknown[] {
  return [owns, perReplica, storage, network];
}
