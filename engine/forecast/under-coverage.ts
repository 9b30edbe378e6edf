/** Times the claimed share that a quantile may be missed. */
const MISSES = 1.5;
/** Chance of being found wanting by accident: that of two standard errors. */
const ACCIDENT = 0.023;
/** Terms of the continued fraction after which it has settled. */
const TERMS = 200;

/**
 * Whether a quantile is missed significantly more than half as often again as it claims: an exact one-sided binomial test, so that a rare quantile
 * is not condemned for a few misses.
 *
 * @param share of values at or below the quantile
 * @param independent forecasts that the share rests on, those counted as one whose misses come together
 */
export function undercovers(level: number, share: number, independent: number): boolean {
  const allowed = MISSES * (1 - level);
  const missed = 1 - share;
  return missed > allowed && binomialTail(missed * independent, independent, allowed) < ACCIDENT;
}

/** The chance of at least `count` of `trials` at a chance of `p` each; of fractions too, by the incomplete beta function. */
export function binomialTail(count: number, trials: number, p: number): number {
  if (count <= 0 || p >= 1) return 1;
  if (p <= 0) return 0;
  return incompleteBeta(count, Math.max(0, trials - count) + 1, p);
}

/** The regularised incomplete beta function, by its continued fraction (Abramowitz and Stegun 26.5.8, evaluated as Lentz 1976). */
function incompleteBeta(a: number, b: number, x: number): number {
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(b, a, 1 - x);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(1 - x)) / a;
  const least = 1e-30;
  const away = (value: number) => (Math.abs(value) < least ? least : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let sum = d;
  for (let m = 1; m <= TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    sum *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    sum *= d * c;
    if (Math.abs(d * c - 1) < 1e-10) break;
  }
  return front * sum;
}

/** The logarithm of the gamma function, by Stirling's series from 8 on; greater than 0. */
function logGamma(x: number): number {
  let shift = 0;
  let y = x;
  for (; y < 8; y++) shift -= Math.log(y);
  const r = 1 / (y * y);
  const series = (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r / 1680))) / y;
  return shift + (y - 0.5) * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI) + series;
}
