/** A number that can be relied on: the value when it is finite, cut to [least, greatest]; else the fallback. */
export function finite(value: unknown, fallback: number, least: number, greatest: number): number {
  if (typeof value !== "number" || !Number.isFinite(value)) return fallback;
  return Math.min(greatest, Math.max(least, value));
}

/** The ceiling, but what is above an integer by no more than rounding error counts as that integer. */
export function ceiling(value: number): number {
  return Math.ceil(value - 1e-9) + 0;
}

/** More replicas than any workload has; keeps sums finite. Same as the capacity file's greatest count. */
export const MOST_REPLICAS = 1_000_000;
