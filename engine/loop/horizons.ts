/** Horizons of one forecaster: more would cost time, fewer would blur the plan. */
const MOST = 20;

/**
 * The ticks ahead at which quantiles are asked for: each of the next few, then ever further apart up to the plan's end.
 * In between, consumers interpolate.
 *
 * @param last the furthest tick that is of interest
 */
export function horizonGrid(last: number): number[] {
  const end = Math.max(1, Math.round(last));
  if (end <= MOST) return Array.from({ length: end }, (_, i) => i + 1);
  const dense = 8;
  const ratio = Math.exp(Math.log(end / dense) / (MOST - dense));
  const grid = Array.from({ length: dense }, (_, i) => i + 1);
  for (let ahead = dense * ratio; grid.length < MOST - 1; ahead *= ratio)
    grid.push(Math.max(grid[grid.length - 1] + 1, Math.round(ahead)));
  grid.push(Math.max(grid[grid.length - 1] + 1, end));
  return grid;
}
