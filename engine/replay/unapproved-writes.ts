import type { Call } from "../../stacks/simulated/world.ts";
import type { LedgerEntry } from "../orchestrator/change/ledger.port.ts";

/** An apply as the ledger has it. Epoch seconds. */
interface Apply {
  readonly changeset: string;
  readonly by: string;
  readonly from: number;
  to: number;
  /** Names of the resources that it was to change. */
  readonly resources: ReadonlySet<string>;
}

const ENDS = ["applied", "partially-applied", "interrupted", "nothing-landed"];

/**
 * What a cloud was told to do that the ledger has no approved apply for: each write has to fall into an apply that was to change that resource,
 * and whose approval held at that time. Pure.
 *
 * @param held whether an approval, by its words in the ledger, held for a changeset at an instant
 * @returns the writes that have none, in words
 */
export function unapprovedWrites(
  writes: readonly Omit<Call, "id">[],
  entries: readonly LedgerEntry[],
  held: (by: string, changeset: string, at: number) => boolean,
): string[] {
  const applies = appliesIn(entries);
  return writes
    .filter(
      ({ at, resource }) =>
        !applies.some(
          ({ changeset, by, from, to, resources }) =>
            from <= at && at <= to && resources.has(resource) && held(by, changeset, at),
        ),
    )
    .map(({ at, on, type, resource }) => `${new Date(at * 1000).toISOString()} ${on} ${resource} (${type})`);
}

function appliesIn(entries: readonly LedgerEntry[]): Apply[] {
  const judged = new Map<string, ReadonlySet<string>>();
  const open = new Map<string, Apply>();
  const applies: Apply[] = [];
  for (const { at, changeset, body } of entries) {
    if (changeset === undefined) continue;
    const { event, changes, approvedBy } = body as {
      event?: string;
      changes?: readonly { readonly resource: string }[];
      approvedBy?: string;
    };
    if (changes !== undefined) judged.set(changeset, new Set(changes.map(({ resource }) => resource)));
    if (event === "apply-started") {
      const resources = judged.get(changeset) ?? new Set<string>();
      const apply = { changeset, by: approvedBy ?? "nobody", from: at, to: Number.POSITIVE_INFINITY, resources };
      applies.push(apply);
      open.set(changeset, apply);
    } else if (event !== undefined && ENDS.includes(event)) {
      const apply = open.get(changeset);
      if (apply !== undefined) apply.to = at;
      open.delete(changeset);
    }
  }
  return applies;
}
