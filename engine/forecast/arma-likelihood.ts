import type { ArimaCoefficients } from "./arima-fitter.port.ts";

/** Variance of an innovation, over that of the noise, at which the filter is taken for settled. */
const SETTLED = 1 + 1e-9;

/**
 * Mean log-likelihood of a value under a Gaussian ARMA, exact from the first value on, with the noise's variance at its best. By
 * the Kalman filter in Harvey's form (Gardner, Harvey and Phillips 1980, Applied Statistics algorithm AS 154), which
 * goes on as the plain recursion once its variance has settled, as theirs does.
 *
 * @param series differenced values less their mean
 */
export function logLikelihood(series: Float64Array, ar: ArrayLike<number>, ma: ArrayLike<number>): number {
  const p = ar.length;
  const q = ma.length;
  const r = Math.max(p, q + 1);
  const phi = Float64Array.from({ length: r }, (_, i) => ar[i] ?? 0);
  const load = Float64Array.from({ length: r }, (_, i) => (i === 0 ? 1 : (ma[i - 1] ?? 0)));
  const covariance = stationaryCovariance(phi, load);
  const state = new Float64Array(r);
  const gain = new Float64Array(r);
  const innovations = new Float64Array(series.length);
  let squares = 0;
  let logs = 0;
  let t = 0;
  for (; t < series.length; t++) {
    const variance = covariance[0];
    const innovation = series[t] - state[0];
    innovations[t] = innovation;
    squares += (innovation * innovation) / variance;
    logs += Math.log(variance);
    if (variance < SETTLED && t >= r) break;
    for (let i = 0; i < r; i++) gain[i] = covariance[i * r] / variance;
    // Update, then one step ahead: state and covariance move up a row, and the first spreads by the autoregression.
    for (let i = 0; i < r; i++) state[i] += gain[i] * innovation;
    for (let i = 0; i < r; i++) for (let j = 0; j < r; j++) covariance[i * r + j] -= gain[i] * gain[j] * variance;
    advance(state, covariance, phi, load);
  }
  for (t++; t < series.length; t++) {
    let expected = 0;
    for (let i = 0; i < p; i++) expected += ar[i] * series[t - 1 - i];
    for (let i = 0; i < q; i++) expected += ma[i] * innovations[t - 1 - i];
    innovations[t] = series[t] - expected;
    squares += innovations[t] * innovations[t];
  }
  const n = series.length;
  return -0.5 * (Math.log((2 * Math.PI * squares) / n) + 1) - logs / (2 * n);
}

/** x ← T x and P ← T P Tᵀ + R Rᵀ, with T's first column the autoregression and ones above its diagonal. */
function advance(state: Float64Array, covariance: Float64Array, phi: Float64Array, load: Float64Array): void {
  const r = phi.length;
  const first = state[0];
  for (let i = 0; i < r; i++) state[i] = phi[i] * first + (i + 1 < r ? state[i + 1] : 0);
  const before = covariance.slice();
  const at = (i: number, j: number) => (i < r && j < r ? before[i * r + j] : 0);
  for (let i = 0; i < r; i++)
    for (let j = 0; j < r; j++)
      covariance[i * r + j] =
        phi[i] * phi[j] * before[0] +
        phi[i] * at(0, j + 1) +
        phi[j] * at(i + 1, 0) +
        at(i + 1, j + 1) +
        load[i] * load[j];
}

/** The covariance P = T P Tᵀ + R Rᵀ of the state before the first value, by doubling (Anderson and Moore 1979, Optimal Filtering, 6.7). */
function stationaryCovariance(phi: Float64Array, load: Float64Array): Float64Array {
  const r = phi.length;
  let power = new Float64Array(r * r);
  for (let i = 0; i < r; i++) {
    power[i * r] = phi[i];
    if (i + 1 < r) power[i * r + i + 1] += 1;
  }
  const sum = Float64Array.from({ length: r * r }, (_, at) => load[Math.floor(at / r)] * load[at % r]);
  for (let doubling = 0; doubling < 40; doubling++) {
    const added = product(product(power, sum, r), transposed(power, r), r);
    let most = 0;
    for (let i = 0; i < sum.length; i++) {
      sum[i] += added[i];
      most = Math.max(most, Math.abs(added[i]));
    }
    if (most <= 1e-14 * sum[0]) break;
    power = product(power, power, r);
  }
  return sum;
}

function product(a: Float64Array, b: Float64Array, r: number): Float64Array<ArrayBuffer> {
  const out = new Float64Array(r * r);
  for (let i = 0; i < r; i++)
    for (let k = 0; k < r; k++) for (let j = 0; j < r; j++) out[i * r + j] += a[i * r + k] * b[k * r + j];
  return out;
}

function transposed(a: Float64Array, r: number): Float64Array {
  return a.map((_, at) => a[(at % r) * r + Math.floor(at / r)]);
}

/** The differences of a series that an ARIMA's likelihood is of. */
export function differenced(series: Float64Array, d: number): Float64Array {
  return d === 0 ? series : Float64Array.from({ length: series.length - 1 }, (_, i) => series[i + 1] - series[i]);
}

/** Mean log-likelihood of an ARIMA on a series. */
export function arimaLikelihood(series: Float64Array, { d, ar, ma, mean }: ArimaCoefficients): number {
  return logLikelihood(
    differenced(series, d).map((value) => value - mean),
    ar,
    ma,
  );
}
