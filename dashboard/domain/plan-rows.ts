import type { PlanStep } from "../../model/capacity.ts";

/** An instant at which a plan steps, and to what. */
export interface PlanRow {
  /** Epoch seconds. */
  readonly at: number;
  readonly inForce?: number;
  readonly proposed?: number;
}

/** Two plans beside each other, in the order of time. */
export function planRows(inForce: readonly PlanStep[], proposed: readonly PlanStep[]): PlanRow[] {
  const rows = new Map<number, PlanRow>();
  for (const { at, floor } of inForce) rows.set(at, { at, inForce: floor });
  for (const { at, floor } of proposed) rows.set(at, { ...rows.get(at), at, proposed: floor });
  return [...rows.values()].sort((a, b) => a.at - b.at);
}
