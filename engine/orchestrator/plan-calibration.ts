import { finite } from "./finite.ts";

/** Bounds of a plan's laxity, and the laxities whose levels are forecast; those between are interpolated. */
export const LAXITIES = [0.25, 0.5, 1, 2, 4] as const;

/** How fast laxity follows, an interval of publication: slowly, so that it settles over many days and an odd hour moves it little. */
const GAIN = 0.36;

/**
 * What a plan's laxity is after a tick. It rises while the workload is short less often than stated and falls while it is so more often, so
 * that the share of short ticks comes to what was stated whatever the native autoscaler does inside the floors: adaptive conformal
 * inference (Gibbs & Candès, NeurIPS 2021), on the logarithm.
 *
 * @param violated whether this tick was short
 * @param violation share of ticks that may be
 * @param share of an interval of publication that the tick lasts
 */
export function learntLaxity(laxity: number | undefined, violated: boolean, violation: number, share: number): number {
  const step = GAIN * finite(share, 0, 0, 1) * (finite(violation, 0.01, 0, 0.5) - (violated ? 1 : 0));
  return soundLaxity(soundLaxity(laxity) * Math.exp(step));
}

/** A laxity within its bounds, one where there is none. */
export function soundLaxity(laxity: number | undefined): number {
  return finite(laxity, 1, LAXITIES[0], LAXITIES[LAXITIES.length - 1]);
}
