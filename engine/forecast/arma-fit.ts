import type { ArimaCoefficients } from "./arima-fitter.port.ts";
import { inadmissible } from "./arma-filter.ts";
import { differenced, logLikelihood } from "./arma-likelihood.ts";
import { minimise } from "./minimise.ts";
import { NormalEquations } from "./normal-equations.ts";

/** Partial coefficients stay inside this, so that what is found is stationary and invertible beyond doubt. */
const MOST_PARTIAL = 0.999;
/** Those of a start are kept so far inside that the search can move. */
const START_WITHIN = 0.995;

/** Order of the autoregression whose errors stand in for the noise when a start is sought. */
const LONG = 12;

/**
 * Coefficients of an ARIMA of a given order by exact maximum likelihood. They are sought as partial coefficients inside (−1, 1), so
 * that every candidate is stationary and invertible and no forecast of the result can explode (Monahan 1984; Jones 1980,
 * Technometrics 22:3). The likelihood may have several maxima: of those reached from the given start and by regression, the higher.
 *
 * @param series without gaps
 * @param start its order is kept; its coefficients are a place where the search begins, where they are admissible
 */
export function fitArma(series: Float64Array, start: ArimaCoefficients): ArimaCoefficients {
  const { d } = start;
  const p = start.ar.length;
  const q = start.ma.length;
  const differences = differenced(series, d);
  const average = d === 0 ? differences.reduce((sum, value) => sum + value, 0) / differences.length : 0;
  const deviation = Math.sqrt(
    differences.reduce((sum, value) => sum + (value - average) * (value - average), 0) / differences.length,
  );
  // A series without movement is its own forecast.
  if (!(deviation > 1e-12 * Math.abs(average)))
    return { d, ar: start.ar.map(() => 0), ma: start.ma.map(() => 0), mean: average };
  const values = differences.map((value) => (value - average) / deviation);
  const read = (x: Float64Array) => ({
    ar: [...coefficientsOf(x.subarray(0, p))],
    ma: [...coefficientsOf(x.subarray(p, p + q))].map((value) => -value),
    mean: d === 0 ? x[p + q] : 0,
  });
  const objective = (x: Float64Array) => {
    const { ar, ma, mean } = read(x);
    const likelihood = logLikelihood(d === 0 ? values.map((value) => value - mean) : values, ar, ma);
    return Number.isFinite(likelihood) ? -likelihood : Number.POSITIVE_INFINITY;
  };
  const starts = [byRegression(values, p, q)];
  if (inadmissible(start) === undefined)
    starts.push({ ar: start.ar, ma: start.ma, mean: d === 0 ? (start.mean - average) / deviation : 0 });
  let best: Float64Array | undefined;
  for (const { ar, ma, mean } of starts) {
    const from = [...freeOf(ar), ...freeOf(ma.map((value) => -value)), ...(d === 0 ? [mean] : [])];
    const found = minimise(objective, Float64Array.from(from));
    if (best === undefined || objective(found) < objective(best)) best = found;
  }
  const { ar, ma, mean } = read(best!);
  return { d, ar, ma, mean: average + deviation * mean };
}

/**
 * A start by two regressions: a long autoregression, then one on past values and on the first one's errors (Hannan and
 * Rissanen 1982, Biometrika 69:1). It need not be stationary.
 */
function byRegression(values: Float64Array, p: number, q: number): Omit<ArimaCoefficients, "d"> {
  const errors = new Float64Array(values.length);
  if (q > 0) {
    const long = Math.min(LONG, Math.floor(values.length / 4));
    const coefficients = regression(
      values,
      long,
      (row, t) => {
        for (let i = 0; i < long; i++) row[i] = values[t - 1 - i];
      },
      long,
    );
    for (let t = long; t < values.length; t++) {
      errors[t] = values[t];
      for (let i = 0; i < long; i++) errors[t] -= coefficients[i] * values[t - 1 - i];
    }
  }
  const coefficients = regression(
    values,
    p + q,
    (row, t) => {
      for (let i = 0; i < p; i++) row[i] = values[t - 1 - i];
      for (let i = 0; i < q; i++) row[p + i] = errors[t - 1 - i];
    },
    Math.min(LONG, Math.floor(values.length / 4)) + Math.max(p, q),
  );
  return { ar: [...coefficients.subarray(0, p)], ma: [...coefficients.subarray(p)], mean: 0 };
}

/** Least squares of the values from `from` on; zeros where there is no solution. */
function regression(
  values: Float64Array,
  size: number,
  fill: (row: Float64Array, t: number) => void,
  from: number,
): Float64Array {
  const equations = new NormalEquations(size);
  const row = new Float64Array(size);
  for (let t = from; t < values.length; t++) {
    fill(row, t);
    equations.add(row, values[t], 1, 1);
  }
  const coefficients = new Float64Array(size);
  equations.solve(coefficients, 1e-9);
  return coefficients;
}

/** Coefficients of an autoregression from any real numbers, by way of its partial autocorrelations (Durbin and Levinson). */
function coefficientsOf(free: Float64Array): Float64Array {
  let c = new Float64Array(0);
  for (const number of free) {
    const last = MOST_PARTIAL * Math.tanh(number);
    const shorter = c;
    c = Float64Array.from({ length: shorter.length + 1 }, (_, i) =>
      i < shorter.length ? shorter[i] - last * shorter[shorter.length - 1 - i] : last,
    );
  }
  return c;
}

/** The numbers that `coefficientsOf` makes these coefficients of. */
function freeOf(coefficients: readonly number[]): number[] {
  const free: number[] = [];
  let c = [...coefficients];
  while (c.length > 0) {
    const last = Math.max(-START_WITHIN, Math.min(START_WITHIN, c[c.length - 1]));
    free.unshift(Math.atanh(last / MOST_PARTIAL));
    const longer = c;
    c = longer.slice(0, -1).map((value, i) => (value + last * longer[longer.length - 2 - i]) / (1 - last * last));
  }
  return free;
}
