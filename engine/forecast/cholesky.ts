let factor = new Float64Array(0);
let solution = new Float64Array(0);

/**
 * Solves `(gram + penalty · I) x = moment` by Cholesky's factorisation. The lower triangle of `gram` is packed by rows.
 *
 * @returns false, with `out` untouched, where there is no stable solution
 */
export function choleskySolve(
  gram: Float64Array,
  moment: Float64Array,
  size: number,
  penalty: number,
  out: Float64Array | Float32Array,
  at = 0,
): boolean {
  if (factor.length < gram.length) {
    factor = new Float64Array(gram.length);
    solution = new Float64Array(size);
  }
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
  for (let i = 0; i < size; i++) {
    const rowI = (i * (i + 1)) / 2;
    let sum = moment[i];
    for (let k = 0; k < i; k++) sum -= factor[rowI + k] * solution[k];
    solution[i] = sum / factor[rowI + i];
  }
  for (let i = size - 1; i >= 0; i--) {
    let sum = solution[i];
    for (let k = i + 1; k < size; k++) sum -= factor[(k * (k + 1)) / 2 + i] * solution[k];
    solution[i] = sum / factor[(i * (i + 1)) / 2 + i];
  }
  for (let i = 0; i < size; i++) if (!Number.isFinite(solution[i])) return false;
  for (let i = 0; i < size; i++) out[at + i] = solution[i];
  return true;
}
