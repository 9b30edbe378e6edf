import type { WorkloadView } from "../engine/api/engine-control.port.ts";
import { replaySummary } from "../engine/replay/replay.ts";
import type { Capacity } from "../model/capacity.ts";
import type { Constraints } from "../model/constraints.ts";
import { STEP } from "./settings.ts";

export interface Comparison {
  readonly ticks: number;
  readonly violationTicks: { readonly foreshadow: number; readonly reactive: number };
  /** Replica-ticks paid, replicas that start included. */
  readonly cost: { readonly foreshadow: number; readonly reactive: number };
}

/**
 * What was, beside what scaling on present demand alone would have made of the same demand, with the same rule for need, the same first
 * capacity and the start delay that was measured.
 *
 * @param views one a tick
 * @param startDelay seconds
 */
export function compareWithReactive(
  views: readonly WorkloadView[],
  capacity: Capacity,
  constraints: Constraints,
  startDelay: number,
): Comparison {
  const ticks = views.filter(({ at }) => at !== null);
  const startsAt = ticks[0].at! - STEP;
  const count = Math.round((ticks[ticks.length - 1].at! - ticks[0].at!) / STEP) + 1;
  const cpu = new Float64Array(count).fill(Number.NaN);
  for (const { at, series } of ticks)
    cpu[Math.round((at! - STEP - startsAt) / STEP)] = series.cpu?.demand ?? Number.NaN;
  const reactive = replaySummary({
    trace: { startsAt, step: STEP, ticks: count, series: new Map([["cpu", cpu]]) },
    capacity: { ...capacity, replicas: { count: ticks[0].ready }, plan: [] },
    constraints,
    startDelay,
    from: startsAt,
  });
  return {
    ticks: ticks.length,
    violationTicks: {
      foreshadow: ticks.filter(({ need, ready }) => need > ready).length,
      reactive: reactive.violationTicks,
    },
    cost: {
      foreshadow: ticks.reduce((sum, { ready, asked }) => sum + Math.max(ready, asked), 0),
      reactive: reactive.cost,
    },
  };
}
