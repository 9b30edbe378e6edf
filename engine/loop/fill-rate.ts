/** Ticks that the rate is taken over, and those that it takes at least. */
const WINDOW = 30;
const LEAST = 5;

/**
 * How fast something fills up: the median of the slopes between all pairs of recent values (Theil 1950; Sen 1968), which a single
 * clean-up or a burst does not move. Gaps are left out.
 *
 * @param values of the last ticks, oldest first
 * @param step seconds a tick
 * @returns units a second, never negative; zero while there is too little to tell
 */
export function fillRate(values: readonly number[], step: number): number {
  const recent = values.slice(-WINDOW);
  const slopes: number[] = [];
  for (let j = 1; j < recent.length; j++)
    for (let i = 0; i < j; i++) {
      const slope = (recent[j] - recent[i]) / ((j - i) * step);
      if (Number.isFinite(slope)) slopes.push(slope);
    }
  if (slopes.length < (LEAST * (LEAST - 1)) / 2) return 0;
  slopes.sort((a, b) => a - b);
  return Math.max(0, slopes[Math.floor(slopes.length / 2)]);
}
