import type { ArimaCoefficients } from "./arima-fitter.port.ts";
import { decodeInto, encode } from "./doubles.ts";

/** Greatest order on either side, and of differences. */
const MOST = 8;

/**
 * Carries an ARIMA along a series in constant time a value: innovations by the conditional recursion, forecasts by running
 * it on with innovations of zero. Box, Jenkins and Reinsel, Time Series Analysis, ch. 5.
 */
export class ArmaFilter {
  private model: ArimaCoefficients = { d: 0, ar: [], ma: [], mean: 0 };
  /** Newest first: differenced values less their mean, and innovations. */
  private readonly values = new Float64Array(MOST);
  private readonly innovations = new Float64Array(MOST);
  /** The last value, for undoing one difference. */
  private last = 0;

  get coefficients(): ArimaCoefficients {
    return this.model;
  }

  /** Takes over coefficients and starts anew; throws a `RangeError` where `admissible` says no. */
  use(model: ArimaCoefficients): void {
    const reason = inadmissible(model);
    if (reason) throw new RangeError(reason);
    this.model = model;
    this.values.fill(0);
    this.innovations.fill(0);
    this.last = Number.NaN;
  }

  /** Takes the next value; NaN is a gap and counts as what was expected. */
  update(value: number): void {
    const { d, mean } = this.model;
    const expected = this.step(this.values, this.innovations);
    const before = this.last;
    let w: number;
    if (Number.isNaN(value)) w = expected;
    else w = d === 0 ? value - mean : Number.isNaN(before) ? 0 : value - before;
    shift(this.innovations, w - expected);
    shift(this.values, w);
    this.last = Number.isNaN(value) ? (d === 0 ? expected + mean : before + expected) : value;
  }

  private step(values: Float64Array, innovations: Float64Array): number {
    const { ar, ma } = this.model;
    let sum = 0;
    for (let i = 0; i < ar.length; i++) sum += ar[i] * values[i];
    for (let i = 0; i < ma.length; i++) sum += ma[i] * innovations[i];
    return sum;
  }

  /** Writes the forecast of `horizons[k]` ahead to `out[k]`. */
  forecast(horizons: readonly number[], out: Float64Array): void {
    const values = this.values.slice();
    const innovations = this.innovations.slice();
    const { d, mean } = this.model;
    let level = this.last;
    let k = 0;
    for (let h = 1; k < horizons.length; h++) {
      const w = this.step(values, innovations);
      shift(values, w);
      shift(innovations, 0);
      level = d === 0 ? w + mean : level + w;
      if (horizons[k] === h) out[k++] = level;
    }
  }

  snapshot(): unknown {
    return {
      model: this.model,
      values: encode(this.values),
      innovations: encode(this.innovations),
      last: String(this.last),
    };
  }

  restore(state: unknown): void {
    const s = state as { model: ArimaCoefficients; values: string; innovations: string; last: string };
    this.model = s.model;
    decodeInto(this.values, s.values);
    decodeInto(this.innovations, s.innovations);
    this.last = Number(s.last);
  }
}

function shift(queue: Float64Array, value: number): void {
  queue.copyWithin(1, 0);
  queue[0] = value;
}

/** Why forecasts of these coefficients could explode or cannot be computed; `undefined` where they are sound. */
export function inadmissible({ d, ar, ma, mean }: ArimaCoefficients): string | undefined {
  if (d !== 0 && d !== 1) return `expected 0 or 1 differences, found ${d}`;
  if (ar.length > MOST || ma.length > MOST)
    return `expected an order of at most ${MOST}, found ${ar.length}, ${ma.length}`;
  if (![...ar, ...ma, mean].every(Number.isFinite)) return "expected finite coefficients";
  if (!stable(ar)) return `the autoregression is not stationary: ${ar.join(", ")}`;
  if (!stable(ma.map((m) => -m))) return `the moving average is not invertible: ${ma.join(", ")}`;
  return undefined;
}

/** Whether 1 − Σ c[i] z^(i+1) has all roots outside the unit circle: every partial coefficient is inside (−1, 1) (Schur and Cohn, Durbin and Levinson). */
function stable(coefficients: readonly number[]): boolean {
  let c = [...coefficients];
  while (c.length > 0) {
    const last = c[c.length - 1];
    if (!(Math.abs(last) < 0.9999)) return false;
    const shorter: number[] = [];
    for (let i = 0; i < c.length - 1; i++) shorter.push((c[i] + last * c[c.length - 2 - i]) / (1 - last * last));
    c = shorter;
  }
  return true;
}
