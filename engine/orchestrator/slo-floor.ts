import type { Reason } from "../../model/reason.ts";
import { formatShort } from "../../model/units.ts";
import type { DecideInput } from "./decide.port.ts";
import { ceiling, MOST_REPLICAS } from "./finite.ts";

/** Replicas are raised by the share that the signal is above its limit, up to half as many again at a time. */
const MOST_STEP = 0.5;
/** A missed service level adds at most up to so many times what demand needs: beyond that it is not replicas that are short. */
const MOST_OVER_DEMAND = 2;

/**
 * Replicas that a missed service level asks for; zero where none is missed. Counted on what serves, so that what is still coming is not
 * asked for twice, and while it is missed what serves is not released.
 *
 * @param present replicas that measured demand needs
 */
export function sloFloor(
  { slo }: Pick<DecideInput, "slo">,
  present: number,
  ready: number,
  asked: number,
  reasons: Reason[],
): number {
  if (slo === undefined || !(slo.value > slo.below) || !(slo.below > 0) || !Number.isFinite(slo.value)) return 0;
  const serving = Math.min(ready, Math.max(1, asked));
  const wanted = Math.max(serving + 1, ceiling(serving * (1 + Math.min(MOST_STEP, slo.value / slo.below - 1))));
  const most = Math.max(serving, MOST_OVER_DEMAND * present);
  const floor = Math.min(MOST_REPLICAS, wanted, most);
  const enough = floor < wanted ? `; more than ${floor} would be over ${MOST_OVER_DEMAND} × what demand needs` : "";
  reasons.push({
    kind: "slo",
    from: present,
    to: floor,
    text: `${slo.signal} is ${formatShort(slo.value)}, above its limit of ${formatShort(slo.below)}: at least ${floor}${enough}`,
  });
  return floor;
}
