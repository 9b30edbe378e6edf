import type { Constraints } from "../../model/constraints.ts";
import type { PlanOptions } from "./decide.port.ts";
import { LAXITIES } from "./plan-calibration.ts";
import { levelFor, planLevelFor, RELEASE_AHEAD, releaseLevelFor } from "./policy.ts";

/** As many horizons as a forecaster takes. */
const MOST_HORIZONS = 64;

/**
 * The quantile levels that decisions on these constraints read, ascending; with the middle and low ones for price ranges, and with those
 * that the floors of a plan may come to where one is made.
 */
export function decisionLevels(constraints: Constraints, plan?: unknown): number[] {
  return ascending([0.1, 0.5, 0.9, ...decisiveLevels(constraints, plan)]);
}

/** Those of them that replicas, sizes and floors are taken from (`decisiveLevels` of a forecaster). */
export function decisiveLevels(constraints: Constraints, plan?: unknown): number[] {
  const { violation } = constraints.performance;
  const floors = plan === undefined ? [] : LAXITIES.map((laxity) => planLevelFor(violation, laxity));
  return ascending([levelFor(violation), releaseLevelFor(violation), ...floors]);
}

/**
 * The horizons in ticks that decisions read: around the moment that capacity asked for now comes, over the hold after it, and over
 * the way that a release looks ahead; with a plan a grid over its horizon as well, coarser with distance. Each costs a forecaster time at
 * every tick.
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
  // Slots that are carried out before the next publication are told apart; beyond, each gap is half of the way.
  const fine = Math.max(1, plan.granularity / step);
  const soon = decisiveTicks(step, leadTime, constraints, plan);
  const grid: number[] = [];
  for (let ahead = fine; ahead < last; ahead += ahead < soon ? fine : Math.max(fine, ahead * 0.5))
    grid.push(Math.max(1, Math.round(ahead)));
  const coarse = grid.slice(0, MOST_HORIZONS - near.length - 1);
  const first = near.filter(
    (ahead) => ahead <= startHorizon(step, leadTime) || !coarse.some((other) => isClose(ahead, other)),
  );
  return ascending([...first, ...coarse, last]);
}

/** Ticks until capacity asked for now first serves. */
function startHorizon(step: number, leadTime: number): number {
  return Math.max(0, Math.ceil(leadTime / step - 1e-9)) + 1;
}

function isClose(ahead: number, other: number): boolean {
  return Math.abs(ahead - other) <= 0.2 * ahead;
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
  const start = startHorizon(step, leadTime);
  const hold = Math.ceil(constraints.change.cooldown.in / step);
  const near = [1, start / 2, start, start * RELEASE_AHEAD, start + hold / 2, start + hold];
  return ascending(near.map((ticks) => Math.max(1, Math.round(ticks))));
}

function ascending(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}
