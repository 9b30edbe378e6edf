import type { Moments } from "./prophet-design.ts";
import { likeliestVariance, type Priors, residualSquares } from "./prophet-posterior.ts";

/** The greatest of the posterior. */
export interface MapEstimate {
  readonly theta: Float64Array;
  /** Standard deviation of the noise. */
  readonly sigma: number;
}

/** Variance below which the noise is not estimated: a series without noise would have an infinite posterior. */
const LEAST_VARIANCE = 1e-10;
const MOST_ROUNDS = 200;
/** Relative change of the variance at which the search ends. */
const TOLERANCE = 1e-10;
/** A gradient may exceed the Laplace prior's rate by such a share and still count as held at zero. */
const SLACK = 1e-7;

/**
 * The maximum of the posterior, in turns: the coefficients for a given variance, then the variance for given residuals; each turn
 * raises the posterior. The coefficients are exact, by Newton steps on the set of change points that are not zero, whose signs make
 * the Laplace prior linear (feature-sign search: Lee, Battle, Raina and Ng 2006, "Efficient sparse coding algorithms", alg. 1).
 * It reads moments only, so that its cost does not depend on how long the series is.
 *
 * @returns undefined where rounding leaves no stable solution
 */
export function mapEstimate(moments: Moments, priors: Priors): MapEstimate | undefined {
  const { size, square, count } = moments;
  const search = new SignSearch(moments, priors);
  const theta = new Float64Array(size);
  let variance = Math.max(LEAST_VARIANCE, likeliestVariance(square, count));
  for (let round = 0; round < MOST_ROUNDS; round++) {
    if (!search.minimise(theta, variance)) return undefined;
    const next = Math.max(LEAST_VARIANCE, likeliestVariance(residualSquares(moments, theta), count));
    const settled = Math.abs(next - variance) <= TOLERANCE * variance;
    variance = next;
    if (settled) break;
  }
  return theta.every(Number.isFinite) ? { theta, sigma: Math.sqrt(variance) } : undefined;
}

/** Minimises ½ θᵀHθ − cᵀθ + Σ rate |θ|, H = XᵀX / variance + precision, c = Xᵀy / variance. */
class SignSearch {
  private readonly moments: Moments;
  private readonly priors: Priors;
  private readonly signs: Int8Array;
  private readonly active: number[] = [];
  private readonly factor: Float64Array;
  private readonly target: Float64Array;
  private readonly gradient: Float64Array;

  constructor(moments: Moments, priors: Priors) {
    const { size } = moments;
    this.moments = moments;
    this.priors = priors;
    this.signs = new Int8Array(size);
    this.factor = new Float64Array((size * (size + 1)) / 2);
    this.target = new Float64Array(size);
    this.gradient = new Float64Array(size);
  }

  /** Starts from what is in `theta`, and leaves the minimum there; false where there is no stable one. */
  minimise(theta: Float64Array, variance: number): boolean {
    for (let step = 0; step < 20 * this.moments.size; step++) {
      this.chooseActive(theta);
      if (!this.solve(variance)) return false;
      if (!this.advance(theta, variance)) continue;
      const worst = this.worstHeldAtZero(theta, variance);
      if (worst < 0) return true;
      this.signs[worst] = this.gradient[worst] > 0 ? -1 : 1;
    }
    return true;
  }

  /** All columns with a normal prior, those with Laplace's that are not zero, and the one that was just let go. */
  private chooseActive(theta: Float64Array): void {
    this.active.length = 0;
    for (let i = 0; i < this.moments.size; i++) {
      if (this.priors.rate[i] > 0 && theta[i] !== 0) this.signs[i] = theta[i] > 0 ? 1 : -1;
      if (this.priors.rate[i] === 0 || this.signs[i] !== 0) this.active.push(i);
    }
  }

  /** Solves for the active columns with their signs held, by Cholesky; the solution is in `target`, zero elsewhere. */
  private solve(variance: number): boolean {
    const { active, factor, target, signs } = this;
    const { gram, moment } = this.moments;
    const { precision, rate } = this.priors;
    const solution = new Float64Array(active.length);
    for (let a = 0, row = 0; a < active.length; row += ++a) {
      const i = active[a];
      const gramRow = (i * (i + 1)) / 2;
      let right = moment[i] / variance - rate[i] * signs[i];
      for (let b = 0, other = 0; b <= a; other += ++b) {
        let sum = gram[gramRow + active[b]] / variance + (a === b ? precision[i] : 0);
        for (let k = 0; k < b; k++) sum -= factor[row + k] * factor[other + k];
        if (a === b) {
          if (!(sum > 0)) return false;
          factor[row + a] = Math.sqrt(sum);
        } else {
          factor[row + b] = sum / factor[other + b];
          right -= factor[row + b] * solution[b];
        }
      }
      solution[a] = right / factor[row + a];
    }
    target.fill(0);
    for (let a = active.length - 1; a >= 0; a--) {
      let sum = solution[a];
      for (let b = a + 1; b < active.length; b++) sum -= factor[(b * (b + 1)) / 2 + a] * solution[b];
      solution[a] = sum / factor[(a * (a + 1)) / 2 + a];
      target[active[a]] = solution[a];
    }
    return true;
  }

  /**
   * Goes to `target`, or where a coefficient would change its sign on the way only as far as the objective falls: a coefficient that
   * stops at zero leaves the active set. True where the whole way was gone.
   */
  private advance(theta: Float64Array, variance: number): boolean {
    const { target, signs, active } = this;
    const crossings = active
      .filter((i) => theta[i] !== 0 && signs[i] !== 0 && theta[i] * target[i] <= 0)
      .map((i) => ({ i, share: theta[i] / (theta[i] - target[i]) }));
    const reversed = active.some((i) => theta[i] === 0 && signs[i] !== 0 && signs[i] * target[i] < 0);
    if (crossings.length === 0 && !reversed) {
      theta.set(target);
      return true;
    }
    const from = theta.slice();
    let best = Number.POSITIVE_INFINITY;
    let chosen = from;
    for (const share of [...crossings.map((crossing) => crossing.share), 1]) {
      const point = from.map((value, i) => value + share * (target[i] - value));
      for (const crossing of crossings) if (crossing.share === share) point[crossing.i] = 0;
      const value = this.objective(point, variance);
      if (value < best) {
        best = value;
        chosen = point;
      }
    }
    theta.set(chosen);
    for (let i = 0; i < signs.length; i++) signs[i] = Math.sign(theta[i]);
    return false;
  }

  private objective(theta: Float64Array, variance: number): number {
    const { precision, rate } = this.priors;
    let sum = residualSquares(this.moments, theta) / (2 * variance);
    for (let i = 0; i < theta.length; i++)
      sum += 0.5 * precision[i] * theta[i] * theta[i] + rate[i] * Math.abs(theta[i]);
    return sum;
  }

  /** The coefficient at zero whose gradient exceeds its prior's rate most, or −1. */
  private worstHeldAtZero(theta: Float64Array, variance: number): number {
    const { gradient, moments, priors } = this;
    gradientOf(moments, priors, theta, variance, gradient);
    let worst = -1;
    let most = 1 + SLACK;
    for (let i = 0; i < theta.length; i++) {
      if (priors.rate[i] === 0 || theta[i] !== 0) continue;
      this.signs[i] = 0;
      const excess = Math.abs(gradient[i]) / priors.rate[i];
      if (excess > most) {
        most = excess;
        worst = i;
      }
    }
    return worst;
  }
}

/** Writes the gradient of the smooth part of −log posterior by coefficient to `out`: all of it but the Laplace priors. */
export function gradientOf(
  { size, gram, moment }: Moments,
  { precision }: Priors,
  theta: Float64Array,
  variance: number,
  out: Float64Array,
): void {
  for (let i = 0; i < size; i++) out[i] = -moment[i] / variance + precision[i] * theta[i];
  for (let i = 0, at = 0; i < size; i++)
    for (let j = 0; j <= i; j++, at++) {
      out[i] += (gram[at] / variance) * theta[j];
      if (i !== j) out[j] += (gram[at] / variance) * theta[i];
    }
}
