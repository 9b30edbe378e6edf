/** A piece of a step function: from slot `from` to slot `to`, exclusive, at `level`. */
export interface Piece {
  readonly from: number;
  readonly to: number;
  readonly level: number;
}

/**
 * The best step function over a curve: never below it, of at most `most` pieces of at least `shortest` slots each, and of the least
 * weighted area of all such; among those of the least area one of the fewest pieces. Exact, by dynamic programming over the number of
 * pieces and the slot where the last one ends (the segmentation of Bellman, "On the approximation of curves by line segments
 * using dynamic programming", CACM 4(6), 1961, with a one-sided error): O(most · n²), n the runs of equal values where `shortest` is 1.
 *
 * @param curve one value a slot, finite
 * @param shortest a curve shorter than this is one piece
 * @param weights what a slot's area counts for, above 0; one by default
 */
export function bestSteps(curve: ArrayLike<number>, most: number, shortest = 1, weights?: ArrayLike<number>): Piece[] {
  const slots = curve.length;
  if (slots === 0) return [];
  const least = Math.max(1, Math.min(Math.floor(shortest), slots));
  // Between two neighbours of one level no piece has to end.
  const starts: number[] = [];
  for (let i = 0; i < slots; i++) if (i === 0 || least > 1 || curve[i] !== curve[i - 1]) starts.push(i);
  const values = starts.map((i) => curve[i]);
  const weight = new Float64Array(starts.length + 1);
  for (let run = 0; run < starts.length; run++) {
    let sum = 0;
    for (let i = starts[run]; i < (starts[run + 1] ?? slots); i++) sum += weights === undefined ? 1 : weights[i];
    weight[run + 1] = weight[run] + sum;
  }
  const pieces = Math.max(1, Math.min(Math.floor(most), starts.length));
  const ends = least === 1 && pieces === starts.length ? undefined : segmentation(values, weight, pieces, least);
  const cuts = ends ?? starts.map((_, run) => run + 1);
  return cuts.map((end, k) => {
    const first = k === 0 ? 0 : cuts[k - 1];
    let level = Number.NEGATIVE_INFINITY;
    for (let run = first; run < end; run++) level = Math.max(level, values[run]);
    return { from: starts[first], to: starts[end] ?? slots, level };
  });
}

/** Where each piece of the best segmentation ends, exclusive. `weight[i]` is that of the first i values together. */
function segmentation(values: readonly number[], weight: Float64Array, pieces: number, least: number): number[] {
  const n = values.length;
  const sums = new Float64Array(n + 1);
  for (let i = 0; i < n; i++) sums[i + 1] = sums[i] + values[i] * (weight[i + 1] - weight[i]);
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
        if (values[from] > top) top = values[from];
        const last = top * (weight[end] - weight[from]);
        // What lies above the curve in the last piece only grows with its length, and what comes before has at least the curve's area.
        if (sums[from] + last >= next[end]) break;
        if (end - from < least) continue;
        const total = area[from] + last;
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
  const ends: number[] = [];
  for (let count = bestCount, end = n; count > 0; count--) {
    ends.unshift(end);
    end = starts[count - 1][end];
  }
  return ends;
}
