/** A level that moved: how long ago, and to how many times what it was. */
export interface LevelShift {
  /** Ticks since it moved, the last one included. */
  readonly ticks: number;
  readonly ratio: number;
}

/**
 * Dates the shift of a level: of all ways to part the ticks in two, the one after which log(came / expected) is best described by 0 before and
 * by one number since (least squares). `undefined` where nothing can be compared. Ticks with a gap or nothing expected say nothing.
 *
 * @param came what came, one number a tick, NaN for a gap. @param expected what was expected before anything moved
 */
export function levelShift(came: readonly number[], expected: readonly number[]): LevelShift | undefined {
  const logs = came.map((value, i) => (value > 0 && expected[i] > 0 ? Math.log(value / expected[i]) : Number.NaN));
  let [sum, count, gain] = [0, 0, 0];
  let best: number | undefined;
  // The squares that a level of its own saves since a tick: (sum of logs)² over their number.
  for (let i = logs.length - 1; i >= 0; i--) {
    if (!Number.isFinite(logs[i])) continue;
    sum += logs[i];
    count++;
    if ((sum * sum) / count <= gain) continue;
    gain = (sum * sum) / count;
    best = i;
  }
  if (best === undefined) return undefined;
  let [after, before] = [0, 0];
  for (let i = best; i < logs.length; i++) {
    if (!Number.isFinite(logs[i])) continue;
    after += came[i];
    before += expected[i];
  }
  const ratio = after / before;
  if (!(ratio > 1e-6 && ratio < 1e6)) return undefined;
  return { ticks: logs.length - best, ratio };
}
