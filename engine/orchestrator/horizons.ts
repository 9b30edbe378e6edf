import type { Constraints } from "../../model/constraints.ts";
import type { PlanOptions } from "./decide.port.ts";
import { levelFor, planLevelFor, RELEASE_AHEAD, releaseLevelFor } from "./policy.ts";

/** As many horizons as a forecaster takes. */
const MOST_HORIZONS = 64;

/** The quantile levels that decisions and plans on these constraints read, ascending; with the middle and low ones for price ranges. */
export function decisionLevels(constraints: Constraints): number[] {
  const { violation } = constraints.performance;
  return ascending([0.1, 0.5, 0.9, planLevelFor(violation), levelFor(violation), releaseLevelFor(violation)]);
}

/**
 * The horizons in ticks that decisions read: around the moment that capacity asked for now comes, over the hold after it, and over
 * the way that a release looks ahead; with a plan a grid over its horizon as well, coarser with distance.
 *
 * @param step seconds a tick
 * @param leadTime seconds from decision to ready capacity
 */
export function decisionHorizons(
  step: number,
  leadTime: number,
  constraints: Constraints,
  plan?: Pick<PlanOptions, "horizon" | "granularity" | "interval">,
): number[] {
  const near = nearHorizons(step, leadTime, constraints);
  if (plan === undefined) return near;
  const last = Math.ceil((plan.horizon + leadTime) / step);
  // Slots that are carried out before the next publication are told apart; beyond, each gap is a quarter of the way.
  const fine = Math.max(1, plan.granularity / step);
  const soon = decisiveTicks(step, leadTime, constraints, plan);
  const grid: number[] = [];
  for (let ahead = fine; ahead < last; ahead += ahead < soon ? fine : Math.max(fine, ahead * 0.25))
    grid.push(Math.max(1, Math.round(ahead)));
  return ascending([...near, ...grid.slice(0, MOST_HORIZONS - near.length - 1), last]);
}

/**
 * Ticks ahead within which a forecast has to prove itself before it acts (`decisiveWithin` of a forecaster): all that a decision looks at,
 * and what of a plan is carried out before the next.
 */
export function decisiveTicks(
  step: number,
  leadTime: number,
  constraints: Constraints,
  plan?: Pick<PlanOptions, "granularity" | "interval">,
): number {
  const near = nearHorizons(step, leadTime, constraints);
  if (plan === undefined) return near[near.length - 1];
  return Math.max(near[near.length - 1], Math.ceil((plan.interval + plan.granularity + leadTime) / step));
}

function nearHorizons(step: number, leadTime: number, constraints: Constraints): number[] {
  const start = Math.max(0, Math.ceil(leadTime / step - 1e-9)) + 1;
  const hold = Math.ceil(constraints.change.cooldown.in / step);
  const near = [1, start / 2, start, start * RELEASE_AHEAD, start + hold / 2, start + hold];
  return ascending(near.map((ticks) => Math.max(1, Math.round(ticks))));
}

function ascending(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}
