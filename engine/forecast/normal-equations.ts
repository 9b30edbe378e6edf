import { choleskySolve } from "./cholesky.ts";
import { decodeInto, encode } from "./doubles.ts";

/**
 * Weighted least squares with a ridge and exponential forgetting, kept as normal equations: taking one row costs the same
 * whatever was seen before, and solving costs a Cholesky factorisation. The lower triangle is packed by rows.
 * Hoerl and Kennard, Ridge Regression (Technometrics 1970); Ljung and Söderström, recursive least squares with forgetting.
 */
export class NormalEquations {
  readonly size: number;
  private readonly gram: Float64Array;
  private readonly moment: Float64Array;
  /** Sum of the weights that are not forgotten. */
  weight = 0;

  constructor(size: number) {
    this.size = size;
    this.gram = new Float64Array((size * (size + 1)) / 2);
    this.moment = new Float64Array(size);
  }

  /** Takes one row after all earlier ones were multiplied by `keep`. */
  add(row: Float64Array, target: number, weight: number, keep: number): void {
    const { size, gram, moment } = this;
    let at = 0;
    for (let i = 0; i < size; i++) {
      const left = weight * row[i];
      for (let j = 0; j <= i; j++, at++) gram[at] = keep * gram[at] + left * row[j];
      moment[i] = keep * moment[i] + left * target;
    }
    this.weight = keep * this.weight + weight;
  }

  /** Coefficients that minimise weighted squares + `ridge × weight × |coefficients|²`; false, with `out` untouched, where there is no stable solution. */
  solve(out: Float64Array, ridge: number): boolean {
    return choleskySolve(this.gram, this.moment, this.size, ridge * this.weight, out);
  }

  /** Weighted sums of products of the row, lower triangle by rows, and of the row with the target. Not to be changed. */
  contents(): { readonly gram: Float64Array; readonly moment: Float64Array } {
    return { gram: this.gram, moment: this.moment };
  }

  /** Keeps a share of what was taken, as if each target had been `factor` times what it was. */
  shrink(share: number, factor = 1): void {
    for (let i = 0; i < this.gram.length; i++) this.gram[i] *= share;
    for (let i = 0; i < this.size; i++) this.moment[i] *= share * factor;
    this.weight *= share;
  }

  snapshot(): unknown {
    return { weight: this.weight, gram: encode(this.gram), moment: encode(this.moment) };
  }

  restore(state: unknown): void {
    const s = state as { weight: number; gram: string; moment: string };
    this.weight = s.weight;
    decodeInto(this.gram, s.gram);
    decodeInto(this.moment, s.moment);
  }
}
