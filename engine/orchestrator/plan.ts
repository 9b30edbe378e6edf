import type { PlanStep } from "../../model/capacity.ts";
import type { Constraints } from "../../model/constraints.ts";
import { type Forecast, levelAtLeast, quantileMaximum } from "../forecast/forecast.port.ts";
import type { PlanOptions } from "./decide.port.ts";
import { finite, MOST_REPLICAS } from "./finite.ts";
import { replicasNeeded, type Serving, withZoneToSpare } from "./need.ts";
import { bestSteps } from "./step-function.ts";

/** What a plan is made from. */
export interface PlanInput {
  readonly now: number;
  /** Seconds from a step of the plan to its capacity being ready. */
  readonly leadTime: number;
  /** Trusted forecasts of series that scale out, with what serves them; and the part of demand per replica. */
  readonly sources: readonly { readonly forecast: Forecast; readonly serving: Serving; readonly fixed: number }[];
  /** Replicas that the forecasts assume. */
  readonly replicas: number;
  readonly level: number;
  readonly constraints: Constraints;
  readonly options: PlanOptions;
  readonly least: number;
  readonly most: number;
}

export interface Plan {
  /** Floor from now on, and the steps after it. */
  readonly now: number;
  readonly steps: readonly PlanStep[];
}

/**
 * The capacity plan: the decision's rule applied along the horizon. A slot's floor serves the greatest need, at the quantile, of all
 * that its capacity meets until the next slot's comes: from the slot's beginning to one lead time after its end. The floors are then
 * put together to as few steps as the target allows. Slots lie on a fixed grid of time, so that two plans differ only where the forecasts do.
 */
export function planReplicas(input: PlanInput): Plan {
  const curve = floorsAhead(input);
  const { granularity, maxSteps, minSlots = 1 } = input.options;
  const start = Math.floor(input.now / granularity) * granularity;
  const pieces = bestSteps(curve, Math.max(1, maxSteps), minSlots);
  return {
    now: pieces.length === 0 ? input.least : pieces[0].level,
    steps: pieces.slice(1).map(({ from, level }) => ({ at: start + from * granularity, floor: level })),
  };
}

/** The floor that each slot needs, from the slot that `now` lies in. */
export function floorsAhead({
  now,
  leadTime,
  sources,
  replicas,
  level,
  constraints,
  options,
  least,
  most,
}: PlanInput): Float64Array {
  const { horizon, granularity } = options;
  const start = Math.floor(now / granularity) * granularity;
  const slots = Math.max(1, Math.min(10_000, Math.ceil((horizon + now - start) / granularity)));
  const floors = new Float64Array(slots).fill(least);
  const spare = constraints.availability.survive === "zone" ? finite(constraints.availability.zones, 1, 1, 1000) : 1;
  for (const { forecast, serving, fixed } of sources) {
    const quantile = levelAtLeast(forecast, level - 1e-12);
    const lead = Math.ceil(leadTime / forecast.step - 1e-9) * forecast.step;
    for (let slot = 0; slot < slots; slot++) {
      const from = start + slot * granularity;
      const aheadFrom = (Math.max(now, from) - forecast.issuedAt) / forecast.step + 1;
      const aheadTo = (from + granularity + lead - forecast.issuedAt) / forecast.step;
      const demand = quantileMaximum(forecast, quantile, aheadFrom, Math.max(aheadFrom, aheadTo));
      const need = replicasNeeded(demand, serving, fixed, replicas);
      floors[slot] = Math.max(floors[slot], withZoneToSpare(need, spare));
    }
  }
  for (let slot = 0; slot < slots; slot++) floors[slot] = Math.min(most, MOST_REPLICAS, floors[slot]);
  return floors;
}
