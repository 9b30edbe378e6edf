/**
 * The fixed settings of the decision rule: one for all workloads, tuned on recorded traces (`bench/replay.ts`, `docs/replay.md`).
 * What a person sets is in the constraints; these say how the rule reads them.
 */

/**
 * The quantile that a share of violation minutes implies, for adding and for releasing. A policy that adds on the quantile at the moment
 * that capacity comes, and releases late, violates less often than the quantile is exceeded; with these two the violations that came on
 * the traces at a start delay of five minutes were within a tenth of those stated from 0.5 % to 2 %.
 */
export function levelFor(violation: number): number {
  return 1 - 2.6 * sensible(violation);
}

export function releaseLevelFor(violation: number): number {
  return 1 - 1.35 * sensible(violation);
}

/**
 * The level of a plan's floors: inside them a native autoscaler reacts, so that they may be lower. How much lower depends on how
 * fast the demand moves, and is learnt (`plan-calibration.ts`).
 *
 * @param laxity what the share above the level is multiplied by; one before anything was learnt
 */
export function planLevelFor(violation: number, laxity = 1): number {
  return 1 - Math.min(0.5, 6.5 * laxity * sensible(violation));
}

function sensible(violation: number): number {
  return Number.isFinite(violation) ? Math.min(0.1, Math.max(1e-4, violation)) : 0.01;
}

/** Capacity is released to the greatest need over this many times the (delay + 1) ticks that it would take to come back. */
export const RELEASE_AHEAD = 1.5;

/** Release is left alone within this many thresholds of what there is (5 % gives 10 %). */
export const RELEASE_THRESHOLDS = 2;

/**
 * Without a trusted forecast what was needed within this many cool-downs is kept: an hour with ten minutes. On the traces that left a third of
 * the violations that one cool-down did.
 */
export const UNFORESEEN_HOLDS = 6;

/** Share of the known replicas that has to report before anything is released. */
export const LEAST_REPORTING = 0.9;

/** A measurement older than this many ticks is stale. So is a forecast. */
export const STALE_TICKS = 3;

/** Demand of more than this many times the ready capacity is taken for a fault of the measurement. */
export const ABSURD_RATIO = 1000;

/**
 * A size that grows is set this much above what is needed, and shrinks only when it would be this much smaller, headroom included:
 * a size that follows each tick's noise would restart replicas or ask people for nothing.
 */
export const SIZE_HEADROOM = 0.1;
export const SIZE_RELEASE = 0.2;

/** Storage grows by at least this share at a time: volumes may be changed only a few times a day. */
export const LEAST_STORAGE_GROWTH = 0.1;

/** Seconds from a change of a size that people review to its next reduction, at least. */
export const REVIEWED_COOLDOWN = 7 * 86_400;

/** Another instance type has to save at least this share of the cost expected over the horizon. */
export const LEAST_SAVING = 0.15;

/** Seconds for which a type is left out whose replicas have not come: what a provider has to give changes within hours. */
export const UNAVAILABLE_FOR = 3600;

/** Seconds that a step share is meant for: a step of 10 % is 10 % a minute, as `periodSeconds: 60` of a HorizontalPodAutoscaler. */
export const STEP_PERIOD = 60;
