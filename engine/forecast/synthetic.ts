/** Uniform numbers in [0, 1) from a seed, the same on every machine: xorshift with shifts 13, 17, 5 (Marsaglia 2003). */
export function randomNumbers(seed: number): () => number {
  let state = (Math.imul(seed, 2_654_435_761) ^ 0x9e37_79b9) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
}

/**
 * A workload for tests and demonstrations: a daily and a half-daily wave, a slow wandering level, and noise in proportion.
 *
 * @param season ticks a day
 */
export function* daily(ticks: number, season: number, seed: number): Generator<number> {
  const random = randomNumbers(seed);
  let wander = 0;
  for (let t = 0; t < ticks; t++) {
    const angle = (2 * Math.PI * t) / season;
    wander = 0.98 * wander + 0.03 * (random() + random() - 1);
    const usual = 100 - 55 * Math.cos(angle) + 15 * Math.sin(2 * angle);
    yield Math.max(0, usual * (1 + wander + 0.1 * (random() + random() - 1)));
  }
}
