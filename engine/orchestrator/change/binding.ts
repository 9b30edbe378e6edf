import type { Capacity } from "../../../model/capacity.ts";
import type { Binding, PropertyChange } from "../../../model/changeset.ts";
import { nativeCount } from "../../../model/resource-kinds.ts";
import { digest } from "./digest.ts";
import type { Preview } from "./infrastructure.port.ts";

type Owner = Capacity["owns"];

/** Digest of what a preview would change: what a person approves, and what must still be so when it is applied. */
export function changesDigest(changes: readonly PropertyChange[]): string {
  return digest(changes);
}

/**
 * Digest of the present inputs of the resources that a change touches. With `owns: floor` the count is the native autoscaler's: that it moves is
 * no reason to ask again.
 */
export function resourcesDigest({ changes, present }: Pick<Preview, "changes" | "present">, owns: Owner): string {
  const touched = new Set(changes.map(({ urn }) => urn));
  return digest(
    present
      .filter(({ urn }) => touched.has(urn))
      .map(({ urn, type, inputs }) => ({
        urn,
        inputs: owns === "floor" ? without(inputs, nativeCount(type) ?? []) : inputs,
      })),
  );
}

/** A value without what is at a path. */
function without(value: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined || typeof value !== "object" || value === null || !(key in value)) return value;
  const { [key]: part, ...others } = value as Record<string, unknown>;
  return rest.length === 0 ? others : { ...others, [key]: without(part, rest) };
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
