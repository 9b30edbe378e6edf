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
    const { size, gram } = this;
    const factor = new Float64Array(gram.length);
    const penalty = ridge * this.weight;
    for (let i = 0; i < size; i++) {
      const rowI = (i * (i + 1)) / 2;
      for (let j = 0; j <= i; j++) {
        const rowJ = (j * (j + 1)) / 2;
        let sum = gram[rowI + j] + (i === j ? penalty : 0);
        for (let k = 0; k < j; k++) sum -= factor[rowI + k] * factor[rowJ + k];
        if (i === j) {
          if (!(sum > 0)) return false;
          factor[rowI + i] = Math.sqrt(sum);
        } else factor[rowI + j] = sum / factor[rowJ + j];
      }
    }
    const solution = new Float64Array(size);
    for (let i = 0; i < size; i++) {
      const rowI = (i * (i + 1)) / 2;
      let sum = this.moment[i];
      for (let k = 0; k < i; k++) sum -= factor[rowI + k] * solution[k];
      solution[i] = sum / factor[rowI + i];
    }
    for (let i = size - 1; i >= 0; i--) {
      let sum = solution[i];
      for (let k = i + 1; k < size; k++) sum -= factor[(k * (k + 1)) / 2 + i] * solution[k];
      solution[i] = sum / factor[(i * (i + 1)) / 2 + i];
    }
    for (let i = 0; i < size; i++) if (!Number.isFinite(solution[i])) return false;
    out.set(solution);
    return true;
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
