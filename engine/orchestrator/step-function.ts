/** A piece of a step function: from slot `from` to slot `to`, exclusive, at `level`. */
export interface Piece {
  readonly from: number;
  readonly to: number;
  readonly level: number;
}

/**
 * The best step function over a curve: never below it, of at most `most` pieces of at least `shortest` slots each, and of the least
 * area of all such; among those of the least area one of the fewest pieces. Exact, by dynamic programming over the number of
 * pieces and the slot where the last one ends (the segmentation of Bellman, "On the approximation of curves by line segments
 * using dynamic programming", CACM 4(6), 1961, with a one-sided error): O(most · n²).
 *
 * @param curve one value a slot, finite
 * @param shortest a curve shorter than this is one piece
 */
export function bestSteps(curve: ArrayLike<number>, most: number, shortest = 1): Piece[] {
  const n = curve.length;
  if (n === 0) return [];
  const pieces = Math.max(1, Math.min(Math.floor(most), n));
  const least = Math.max(1, Math.min(Math.floor(shortest), n));
  const sums = new Float64Array(n + 1);
  for (let i = 0; i < n; i++) sums[i + 1] = sums[i] + curve[i];
  let area = new Float64Array(n + 1).fill(Number.POSITIVE_INFINITY);
  area[0] = 0;
  const starts: Int32Array[] = [];
  let [bestCount, bestArea] = [0, Number.POSITIVE_INFINITY];
  for (let count = 1; count <= pieces; count++) {
    const next = new Float64Array(n + 1).fill(Number.POSITIVE_INFINITY);
    const start = new Int32Array(n + 1).fill(-1);
    for (let end = count * least; end <= n; end++) {
      let top = Number.NEGATIVE_INFINITY;
      const earliest = (count - 1) * least;
      for (let from = end - 1; from >= earliest; from--) {
        if (curve[from] > top) top = curve[from];
        // What lies above the curve in the last piece only grows with its length, and what comes before has at least the curve's area.
        if (sums[from] + top * (end - from) >= next[end]) break;
        if (end - from < least) continue;
        const total = area[from] + top * (end - from);
        if (total < next[end]) {
          next[end] = total;
          start[end] = from;
        }
      }
    }
    starts.push(start);
    area = next;
    if (area[n] < bestArea - 1e-9) [bestArea, bestCount] = [area[n], count];
    // One piece more cannot help once each slot is met exactly, nor fit once the pieces fill the curve.
    if (next[n] === Number.POSITIVE_INFINITY && (count + 1) * least > n) break;
    if (bestArea <= sums[n] + 1e-9) break;
  }
  const result: Piece[] = [];
  let end = n;
  for (let count = bestCount; count > 0; count--) {
    const from = starts[count - 1][end];
    let level = Number.NEGATIVE_INFINITY;
    for (let i = from; i < end; i++) level = Math.max(level, curve[i]);
    result.unshift({ from, to: end, level });
    end = from;
  }
  return result;
}
