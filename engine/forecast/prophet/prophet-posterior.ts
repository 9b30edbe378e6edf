import type { Moments } from "./prophet-design.ts";
import type { ProphetLayout } from "./prophet-layout.ts";

/** Prophet's priors (Taylor and Letham 2018; facebook/prophet, prophet.stan), for values scaled by their greatest. */
export interface Priors {
  /** By column, of its coefficient: 1 / variance of a normal prior; 0 where the prior is Laplace's. */
  readonly precision: Float64Array;
  /** By column: 1 / scale of a Laplace prior; 0 where the prior is normal. */
  readonly rate: Float64Array;
}

const TREND_DEVIATION = 5;
const CHANGE_POINT_SCALE = 0.05;
const EFFECT_DEVIATION = 10;
const NOISE_DEVIATION = 0.5;

export function priorsOf({ changePoints }: ProphetLayout, size: number): Priors {
  const precision = new Float64Array(size).fill(1 / (EFFECT_DEVIATION * EFFECT_DEVIATION));
  const rate = new Float64Array(size);
  precision.fill(1 / (TREND_DEVIATION * TREND_DEVIATION), 0, 2);
  precision.fill(0, 2, 2 + changePoints.length);
  rate.fill(1 / CHANGE_POINT_SCALE, 2, 2 + changePoints.length);
  return { precision, rate };
}

/** Sum of squared residuals of coefficients. */
export function residualSquares({ size, gram, moment, square }: Moments, theta: Float64Array): number {
  let sum = square;
  for (let i = 0, at = 0; i < size; i++) {
    let product = 0;
    for (let j = 0; j < i; j++, at++) product += gram[at] * theta[j];
    sum += theta[i] * (2 * product + gram[at++] * theta[i] - 2 * moment[i]);
  }
  return Math.max(0, sum);
}

/** Log-posterior density of coefficients and the noise's standard deviation, up to a constant. */
export function logPosterior(moments: Moments, priors: Priors, theta: Float64Array, sigma: number): number {
  let penalty = (sigma * sigma) / (2 * NOISE_DEVIATION * NOISE_DEVIATION);
  for (let i = 0; i < theta.length; i++)
    penalty += 0.5 * priors.precision[i] * theta[i] * theta[i] + priors.rate[i] * Math.abs(theta[i]);
  return -moments.count * Math.log(sigma) - residualSquares(moments, theta) / (2 * sigma * sigma) - penalty;
}

/** The variance of the noise at which the posterior is greatest for given residuals: the root of 4 v² + n v − squares, from σ ~ N(0, 0.5). */
export function likeliestVariance(squares: number, count: number): number {
  const curvature = 1 / (NOISE_DEVIATION * NOISE_DEVIATION);
  return (2 * squares) / (count + Math.sqrt(count * count + 4 * curvature * squares));
}
