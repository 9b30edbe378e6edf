import type { Past } from "./past.port.ts";

/** Numbers that the network sees of a series at each tick. */
export const INPUTS = 8;
/** Numbers that are known of a target, the constant among them; the network says at each tick what each of them counts for. */
export const REGRESSORS = 9;

/** Deviations count up to so many times their usual size. */
const MOST = 8;
/** log(1 + 1): a value that is the mean of the first season. */
const USUAL = Math.LN2;

/** Ticks of an "hour": a 24th of a season. */
export function hourOf(season: number): number {
  return Math.max(1, Math.round(season / 24));
}

/**
 * Writes what is seen at `tick` to `row[at…]`, all of it finite: the deviation, its short and its long mean, the last change, what the next tick was an
 * hour ago, what the usual is going to do in an hour, its height, and whether there was nothing to see. The time of day and of the week is
 * not among them: it made forecasts worse, since a few series of a few weeks can be learnt by heart with it.
 */
export function writeInputs(past: Past, season: number, tick: number, row: Float32Array, at: number): void {
  const hour = hourOf(season);
  const unit = 1 / past.spread(tick);
  const usual = past.usual(tick);
  row[at] = bounded(past.deviation(tick) * unit);
  row[at + 1] = bounded(past.fast(tick) * unit);
  row[at + 2] = bounded(past.slow(tick) * unit);
  row[at + 3] = bounded((past.value(tick) - past.value(tick - 1)) * unit);
  row[at + 4] = bounded(past.deviation(tick + 1 - hour) * unit);
  row[at + 5] = bounded(0.5 * (past.usual(tick + hour) - usual) * unit);
  row[at + 6] = bounded(usual - USUAL);
  row[at + 7] = past.isGap(tick) ? 1 : 0;
}

/**
 * Writes what is known at `tick` of the target `ahead` ticks later to `row[at…]`: how this deviates, how what came a season, a week and one
 * and two hours before the target deviates from what is usual there, what the usual does until then, and 1. All finite. `ahead` is at most a season.
 */
export function writeRegressors(
  past: Past,
  season: number,
  tick: number,
  ahead: number,
  row: Float32Array,
  at: number,
): void {
  const hour = hourOf(season);
  const unit = 1 / past.spread(tick);
  const target = tick + ahead;
  const usual = past.usual(target);
  const hours = hour * Math.ceil(ahead / hour);
  row[at] = bounded(past.deviation(tick) * unit);
  row[at + 1] = bounded(past.fast(tick) * unit);
  row[at + 2] = bounded(past.slow(tick) * unit);
  row[at + 3] = target >= season ? bounded((past.value(target - season) - usual) * unit) : 0;
  row[at + 4] = target >= 7 * season ? bounded((past.value(target - 7 * season) - usual) * unit) : 0;
  row[at + 5] = bounded(past.deviation(target - hours) * unit);
  row[at + 6] = bounded(past.deviation(target - hours - hour) * unit);
  row[at + 7] = bounded(0.5 * (usual - past.usual(tick)) * unit);
  row[at + 8] = 1;
}

/** NaN, which is what is not known, becomes 0. */
function bounded(value: number): number {
  if (!(value > -MOST)) return value <= -MOST ? -MOST : 0;
  return value < MOST ? value : MOST;
}
