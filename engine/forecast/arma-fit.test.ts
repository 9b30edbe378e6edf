import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { exploded } from "./arima-fitter.ts";
import { ArmaFilter, inadmissible } from "./arma-filter.ts";
import { fitArma } from "./arma-fit.ts";
import { arimaLikelihood, logLikelihood } from "./arma-likelihood.ts";
import { minimise } from "./minimise.ts";
import { randomNumbers } from "./synthetic.ts";

/** An ARMA(1,1) from its recursion. */
function arma(length: number, ar: number, ma: number, seed: number): Float64Array {
  const random = randomNumbers(seed);
  let value = 0;
  let before = 0;
  return Float64Array.from({ length }, () => {
    const noise = random() + random() + random() - 1.5;
    value = ar * value + noise + ma * before;
    before = noise;
    return value;
  });
}

/** Log-likelihood by the covariance matrix of all values at once: autocovariances from the moving-average form, then Cholesky. */
function byCovariance(series: Float64Array, ar: number, ma: number): number {
  const n = series.length;
  const psi = [1, ar + ma];
  while (psi.length < 2_000) psi.push(ar * psi[psi.length - 1]);
  const autocovariance = Array.from({ length: n }, (_, k) => {
    let sum = 0;
    for (let i = 0; i + k < psi.length; i++) sum += psi[i] * psi[i + k];
    return sum;
  });
  const factor = Array.from({ length: n }, () => new Float64Array(n));
  const solved = new Float64Array(n);
  let squares = 0;
  let logs = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = autocovariance[i - j];
      for (let k = 0; k < j; k++) sum -= factor[i][k] * factor[j][k];
      factor[i][j] = i === j ? Math.sqrt(sum) : sum / factor[j][j];
    }
    let right = series[i];
    for (let k = 0; k < i; k++) right -= factor[i][k] * solved[k];
    solved[i] = right / factor[i][i];
    squares += solved[i] * solved[i];
    logs += 2 * Math.log(factor[i][i]);
  }
  return -0.5 * (Math.log((2 * Math.PI * squares) / n) + 1) - logs / (2 * n);
}

test("the likelihood is that of the whole covariance matrix", () => {
  const series = arma(60, 0.8, 0.4, 1);
  for (const [ar, ma] of [
    [0.8, 0.4],
    [-0.5, 0.9],
    [0.99, -0.6],
  ])
    assert.ok(Math.abs(logLikelihood(series, [ar], [ma]) - byCovariance(series, ar, ma)) < 1e-8, `${ar}, ${ma}`);
});

test("the coefficients that made a series are found, wherever the search begins", () => {
  const series = arma(1_440, 0.7, 0.3, 2);
  for (const start of [
    { d: 0, ar: [0], ma: [0], mean: 0 },
    { d: 0, ar: [0.95], ma: [-0.2], mean: 0.1 },
    { d: 0, ar: [Number.NaN], ma: [7], mean: 0 },
  ]) {
    const { ar, ma } = fitArma(series, start);
    assert.ok(Math.abs(ar[0] - 0.7) < 0.06 && Math.abs(ma[0] - 0.3) < 0.08, `${ar}, ${ma}`);
  }
});

test("no neighbour of a fit is likelier", () => {
  const series = arma(400, 0.6, -0.4, 3).map((value) => 50 + value);
  const fit = fitArma(series, { d: 0, ar: [0, 0], ma: [0], mean: 0 });
  const highest = arimaLikelihood(series, fit);
  for (const step of [-0.01, 0.01]) {
    for (const i of [0, 1]) {
      const ar = fit.ar.map((value, j) => (i === j ? value + step : value));
      assert.ok(arimaLikelihood(series, { ...fit, ar }) < highest);
    }
    assert.ok(arimaLikelihood(series, { ...fit, ma: [fit.ma[0] + step] }) < highest);
    assert.ok(arimaLikelihood(series, { ...fit, mean: fit.mean + 10 * step }) < highest);
  }
});

test("whatever the series, a fit is admissible and its forecasts are finite", () => {
  const value = fc.oneof(
    fc.constant(0),
    fc.double({ min: -1e9, max: 1e9, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
  );
  const order = fc.record({
    d: fc.integer({ min: 0, max: 1 }),
    p: fc.integer({ min: 0, max: 3 }),
    q: fc.integer({ min: 0, max: 3 }),
  });
  fc.assert(
    fc.property(fc.array(value, { minLength: 30, maxLength: 40 }), order, (values, { d, p, q }) => {
      const series = Float64Array.from(values);
      const fit = fitArma(series, { d, ar: Array(p).fill(0), ma: Array(q).fill(0), mean: 0 });
      assert.equal(inadmissible(fit), undefined);
      const filter = new ArmaFilter();
      filter.use(fit);
      for (const value of series) filter.update(value);
      const out = new Float64Array(2);
      filter.forecast([1, 60], out);
      assert.ok(out.every(Number.isFinite), `${out}`);
    }),
    { numRuns: 8, endOnFailure: true },
  );
});

test("a trend that would go on for ever is called exploded", () => {
  const series = Float64Array.from({ length: 100 }, (_, i) => i * i);
  assert.match(
    exploded(series, { d: 1, ar: [0.9998], ma: [], mean: 0 })!,
    /exploded: forecast .* ahead of values 0 to 9801/,
  );
});

test("a series without movement is its own forecast", () => {
  assert.deepEqual(fitArma(new Float64Array(50).fill(3), { d: 0, ar: [0.5], ma: [], mean: 0 }), {
    d: 0,
    ar: [0],
    ma: [],
    mean: 3,
  });
});

test("the minimum of Rosenbrock's valley is found", () => {
  const [x, y] = minimise(([a, b]) => (1 - a) * (1 - a) + 100 * (b - a * a) * (b - a * a), Float64Array.of(-1.2, 1));
  assert.ok(Math.abs(x - 1) < 1e-4 && Math.abs(y - 1) < 1e-4, `${x}, ${y}`);
});
