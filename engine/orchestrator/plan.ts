import type { PlanStep } from "../../model/capacity.ts";
import type { Constraints } from "../../model/constraints.ts";
import { type Forecast, quantileMaximum, refusalBetween } from "../forecast/forecast.port.ts";
import type { PlanOptions } from "./decide.port.ts";
import { finite, MOST_REPLICAS } from "./finite.ts";
import { replicasNeeded, type Serving, withZoneToSpare } from "./need.ts";
import { bestSteps } from "./step-function.ts";

/** What a plan is made from. */
export interface PlanInput {
  readonly now: number;
  /** Seconds from a step of the plan to its capacity being ready. */
  readonly leadTime: number;
  /** Forecasts of series that scale out, with what serves them; and the part of demand per replica. */
  readonly sources: readonly { readonly forecast: Forecast; readonly serving: Serving; readonly fixed: number }[];
  /** Replicas that the forecasts assume. */
  readonly replicas: number;
  readonly level: number;
  readonly constraints: Constraints;
  readonly options: PlanOptions;
  readonly least: number;
  readonly most: number;
  /** The floor of the present plan at an instant: what a slot keeps of which no forecast is trusted. */
  readonly kept: (at: number) => number;
}

export interface Plan {
  /** Floor from now on, and the steps after it. */
  readonly now: number;
  readonly steps: readonly PlanStep[];
}

/** Slots that share a floor once the next publication is past: what comes then only matters when it does not come. */
const FAR_SLOTS = 3;
/** What their area counts for beside that of a slot before it, where steps have to be saved. */
const FAR_WEIGHT = 0.1;

/**
 * The capacity plan: the decision's rule applied along the horizon. A slot's floor serves the greatest need, at the quantile, of all
 * that its capacity meets until the next slot's comes: from the slot's beginning to one lead time after its end. The floors are then
 * put together to as few steps as the target allows, sparing those that are in force before the next publication. Slots lie on a fixed
 * grid of time, so that two plans differ only where the forecasts do.
 *
 * @returns nothing where no forecast is trusted at any slot
 */
export function planReplicas(input: PlanInput): Plan | undefined {
  const curve = floorsAhead(input);
  if (curve === undefined) return undefined;
  const { granularity, maxSteps, minSlots = 1 } = input.options;
  const start = Math.floor(input.now / granularity) * granularity;
  const near = nearSlots(input);
  const weights = Float64Array.from(curve, (_, slot) => (slot < near ? 1 : FAR_WEIGHT));
  const pieces = bestSteps(curve, Math.max(1, maxSteps), minSlots, weights);
  return {
    now: pieces.length === 0 ? input.least : pieces[0].level,
    steps: pieces.slice(1).map(({ from, level }) => ({ at: start + from * granularity, floor: level })),
  };
}

/** Slots that are in force before the next publication has come into effect. */
function nearSlots({ now, leadTime, options: { interval, granularity } }: PlanInput): number {
  const start = Math.floor(now / granularity) * granularity;
  return Math.ceil((now - start + interval + leadTime) / granularity);
}

/** The floor that each slot needs, from the slot that `now` lies in, and what it had where no forecast is trusted; nothing where that is so everywhere. */
export function floorsAhead(input: PlanInput): Float64Array | undefined {
  const { now, leadTime, sources, replicas, level, constraints, options, least, most, kept } = input;
  const { horizon, granularity } = options;
  const start = Math.floor(now / granularity) * granularity;
  const slots = Math.max(1, Math.min(10_000, Math.ceil((horizon + now - start) / granularity)));
  const floors = new Float64Array(slots).fill(least);
  const foreseen = new Array<boolean>(slots).fill(false);
  const spare = constraints.availability.survive === "zone" ? finite(constraints.availability.zones, 1, 1, 1000) : 1;
  for (const source of sources) {
    const { serving, fixed } = source;
    const forecast = atLevel(source.forecast, level);
    const lead = Math.ceil(leadTime / forecast.step - 1e-9) * forecast.step;
    for (let slot = 0; slot < slots; ) {
      const next = Math.min(slots, slot < nearSlots(input) ? slot + 1 : nextFar(slot, start, granularity));
      const [from, to] = [start + slot * granularity, start + next * granularity];
      const aheadFrom = (Math.max(now, from) - forecast.issuedAt) / forecast.step + 1;
      const aheadTo = Math.max(aheadFrom, (to + lead - forecast.issuedAt) / forecast.step);
      if (refusalBetween(forecast.evidence, aheadFrom, aheadTo) === undefined) {
        const demand = quantileMaximum(forecast, level, aheadFrom, aheadTo);
        const need = withZoneToSpare(replicasNeeded(demand, serving, fixed, replicas), spare);
        for (let at = slot; at < next; at++) floors[at] = Math.max(floors[at], need);
        foreseen.fill(true, slot, next);
      }
      slot = next;
    }
  }
  if (!foreseen.includes(true)) return undefined;
  for (let slot = 0; slot < slots; slot++)
    if (!foreseen[slot]) floors[slot] = Math.max(least, kept(Math.max(now, start + slot * granularity)));
  for (let slot = 0; slot < slots; slot++) floors[slot] = Math.min(most, MOST_REPLICAS, floors[slot]);
  return floors;
}

/** The slot after those that share a floor with this one; such groups lie on a grid of time as well. */
function nextFar(slot: number, start: number, granularity: number): number {
  const number = Math.round(start / granularity) + slot;
  return slot + FAR_SLOTS - (number % FAR_SLOTS);
}

/**
 * The forecast with one level alone: linear, in the logarithm of the share above it, between the two forecast ones beside it; the
 * greatest there is where all are lower.
 */
function atLevel(forecast: Forecast, level: number): Forecast {
  const { levels, values } = forecast;
  const above = levels.findIndex((l) => l >= level);
  if (above <= 0) return { ...forecast, levels: [level], values: [values[above < 0 ? levels.length - 1 : 0]] };
  const at = (l: number) => Math.log(1 - l);
  const share = (at(level) - at(levels[above - 1])) / (at(levels[above]) - at(levels[above - 1]));
  const [low, high] = [values[above - 1], values[above]];
  return { ...forecast, levels: [level], values: [low.map((value, k) => value + share * (high[k] - value))] };
}
