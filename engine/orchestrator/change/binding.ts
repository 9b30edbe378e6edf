import type { Binding, PropertyChange } from "../../../model/changeset.ts";
import { digest } from "./digest.ts";
import type { Preview } from "./infrastructure.port.ts";

/** Digest of what a preview would change: what a person approves, and what must still be so when it is applied. */
export function changesDigest(changes: readonly PropertyChange[]): string {
  return digest(changes);
}

/** Digest of the present inputs of the resources that a change touches. */
export function resourcesDigest({ changes, present }: Pick<Preview, "changes" | "present">): string {
  const touched = new Set(changes.map(({ urn }) => urn));
  return digest(present.filter(({ urn }) => touched.has(urn)).map(({ urn, inputs }) => ({ urn, inputs })));
}

/** What has moved since the approval, in words; empty when the approval still holds. */
export function moved(approved: Binding, now: Binding): string[] {
  return (
    [
      ["section", "the workload's section of the capacity file"],
      ["resources", "the inputs of the resources that would be changed"],
      ["program", "the program"],
    ] as const
  )
    .filter(([key]) => approved[key] !== now[key])
    .map(([, words]) => words);
}
