import type { Capacity } from "../../../model/capacity.ts";
import type { PropertyChange, Reversibility } from "../../../model/changeset.ts";
import { isStorage } from "../../../model/resource-kinds.ts";
import { digest } from "./digest.ts";

/**
 * What kind of way back a change has, from its rehearsal.
 *
 * - `exact`: the way back changes the same properties of the same resources to what they were, and destroys nothing.
 * - `compensating`: it does something else, or not all.
 * - `irreversible`: storage has grown (it does not shrink), or the way back would replace or delete what holds data.
 *
 * @param reverse `undefined` when there is no way back
 */
export function reversibilityOf(
  before: Capacity,
  after: Capacity,
  forward: readonly PropertyChange[],
  reverse: readonly PropertyChange[] | undefined,
): Reversibility {
  if (grows(before.storage.size, after.storage.size) || reverse === undefined) return "irreversible";
  const created = new Set(forward.filter(({ operation }) => operation === "create").map(({ urn }) => urn));
  const destroys = ({ operation, type, urn }: PropertyChange) =>
    (operation === "delete" || operation === "replace") && isStorage(type) && !created.has(urn);
  if (reverse.some(destroys)) return "irreversible";
  const mirrored = forward.map(mirror);
  return digest(sortedByPlace(mirrored)) === digest(sortedByPlace(reverse.map(essentials))) ? "exact" : "compensating";
}

function grows(before: number | undefined, after: number | undefined): boolean {
  return before !== undefined && after !== undefined && after > before;
}

interface Essentials {
  readonly urn: string;
  readonly operation: string;
  readonly property: string;
  readonly before: unknown;
  readonly after: unknown;
}

function essentials({ urn, operation, property, before, after }: PropertyChange): Essentials {
  return { urn, operation, property, before, after };
}

function mirror(change: PropertyChange): Essentials {
  const opposite = { create: "delete", delete: "create", update: "update", replace: "replace" } as const;
  const { urn, property, before, after } = change;
  return { urn, operation: opposite[change.operation], property, before: after, after: before };
}

function sortedByPlace(changes: readonly Essentials[]): Essentials[] {
  const place = ({ urn, property }: Essentials) => `${urn} ${property}`;
  return [...changes].sort((a, b) => (place(a) < place(b) ? -1 : place(a) > place(b) ? 1 : 0));
}
