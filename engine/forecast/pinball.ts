/** Pinball loss of a quantile when `value` came: what its level makes it least for (Koenker and Bassett 1978). */
export function pinball(level: number, value: number, quantile: number): number {
  const over = value - quantile;
  return over >= 0 ? level * over : (level - 1) * over;
}
