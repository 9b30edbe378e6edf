import type { PlanStep } from "../../model/capacity.ts";
import type { PropertyChange } from "../../model/changeset.ts";
import { formatInstant } from "../../model/instant.ts";
import { propertyText } from "../../model/property-text.ts";

/** One line of the table `resource · field · old → new`. */
export interface DiffRow {
  readonly resource: string;
  readonly type: string;
  readonly operation: PropertyChange["operation"];
  readonly field: string;
  readonly before: string;
  readonly after: string;
  /** Whether a number grew or fell; `undefined` where it is no number. */
  readonly direction?: "up" | "down";
}

export function diffRows(changes: readonly PropertyChange[]): DiffRow[] {
  return changes.map(({ resource, type, operation, property, before, after }) => ({
    resource,
    type,
    operation,
    field: property === "" ? `(${operation})` : property,
    before: property === "" ? "" : valueText(property, before),
    after: property === "" ? "" : valueText(property, after),
    ...(typeof before === "number" && typeof after === "number" && before !== after
      ? { direction: after > before ? "up" : "down" }
      : {}),
  }));
}

/** A value as people write it; a plan as its steps, `2026-11-24T08:00Z 9`. */
function valueText(property: string, value: unknown): string {
  if (!Array.isArray(value) || !value.every(isStep)) return propertyText(property, value);
  return value.map(({ at, floor }) => `${formatInstant(at)} ${floor}`).join(", ");
}

function isStep(value: unknown): value is PlanStep {
  const { at, floor } = (value ?? {}) as Partial<PlanStep>;
  return typeof at === "number" && typeof floor === "number";
}

/** One change in words, for those who are asked to confirm: `web: replicas 4 → 6`. */
export function diffSentence({ resource, field, before, after }: DiffRow): string {
  return before === "" && after === "" ? `${resource}: ${field}` : `${resource}: ${field} ${before} → ${after}`;
}
