import type { Constraints } from "../../model/constraints.ts";
import type { SloSignal } from "../orchestrator/decide.port.ts";

/** The signal that the constraints limit, as the host says that has most of it. */
export function sloOf(
  { performance: { slo } }: Constraints,
  signals: ReadonlyMap<string, { readonly greatest: number }>,
): { slo?: SloSignal } {
  const value = slo?.signal === undefined ? undefined : signals.get(slo.signal)?.greatest;
  if (slo?.signal === undefined || value === undefined) return {};
  return { slo: { signal: slo.signal, value, below: slo.below } };
}
