import type { Changeset } from "../../model/changeset.ts";
import type { Decision } from "../orchestrator/decide.port.ts";
import { decide } from "../orchestrator/decide.ts";
import { decodeDecideInput } from "../orchestrator/decide-json.ts";

/** A decision made again. */
export interface Recomputed {
  readonly decision: Decision;
  /** Capacity and reasons are those of the changeset to the byte. */
  readonly equal: boolean;
}

/** Decides again on what a changeset's evidence stored; `undefined` when it rests on a person's word. Pure. */
export function recompute({ evidence, after, reasons }: Changeset): Recomputed | undefined {
  if (evidence === undefined) return undefined;
  const decision = decide(decodeDecideInput(evidence.input));
  // What was proposed is all of the decision, or that part of it that needed no person.
  const proposed = [decision.capacity, decision.automatic].map((capacity) => JSON.stringify(capacity));
  const equal =
    proposed.includes(JSON.stringify(after)) && JSON.stringify(decision.reasons) === JSON.stringify(reasons);
  return { decision, equal };
}
