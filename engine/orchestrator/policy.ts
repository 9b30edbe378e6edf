/**
 * The fixed settings of the decision rule: one for all workloads, tuned on recorded traces (`bench/replay.ts`, `docs/replay.md`).
 * What a person sets is in the constraints; these say how the rule reads them.
 */

/**
 * The quantile that a share of violation minutes implies. A policy that starts on the quantile and releases late violates about
 * half as often as the quantile is exceeded, so that the level is 1 − 2 · violation.
 */
export function levelFor(violation: number): number {
  const share = Number.isFinite(violation) ? Math.min(0.25, Math.max(1e-4, violation)) : 0.005;
  return 1 - 2 * share;
}

/** The level of a plan's floors: inside them a native autoscaler reacts, so that they may be lower. */
export function planLevelFor(violation: number): number {
  const share = Number.isFinite(violation) ? Math.min(0.05, Math.max(1e-4, violation)) : 0.005;
  return 1 - 10 * share;
}

/** Capacity is released to the greatest need over the next RELEASE_AHEAD × (delay + 1) ticks. */
export const RELEASE_AHEAD = 2;

/** Release is left alone within this many thresholds of what there is (5 % gives 8 %). */
export const RELEASE_THRESHOLDS = 1.6;

/** Share of the known replicas that has to report before anything is released. */
export const LEAST_REPORTING = 0.9;

/** A measurement older than this many ticks is stale. So is a forecast. */
export const STALE_TICKS = 3;

/** Demand of more than this many times the ready capacity is taken for a fault of the measurement. */
export const ABSURD_RATIO = 1000;

/** Storage grows by at least this share at a time: volumes may be changed only a few times a day. */
export const LEAST_STORAGE_GROWTH = 0.1;

/** Seconds between two reductions of a size that people review. */
export const REVIEWED_COOLDOWN = 7 * 86_400;

/** Seconds that a step share is meant for: a step of 10 % is 10 % a minute, as `periodSeconds: 60` of a HorizontalPodAutoscaler. */
export const STEP_PERIOD = 60;
