import type { Correction } from "./correction.ts";
import type { Change, SeriesWatch } from "./series-watch.ts";

/** A level that has moved by less is left to the models, which follow it. */
const LEAST_RATIO = 1.3;
/** What moves by more is a burst or an outage, and no new level. */
const MOST_RATIO = 4;
/** And by so many times the usual error over demand. */
const USUAL_ERRORS = 4;
/** The error has to have grown by so much. */
const LEAST_GROWTH = 1.5;
/** What the error of the new forecaster may be of that of the old one. */
const BETTER = { "level shift": 0.7, drift: 0.9 } as const;
/** After a drift, seasons of the past that are still taught. */
const RECENT_SEASONS = 3;

/** A forecaster that was made anew, or was to be. Errors are sums of |error| over sums of demand, `reach` ticks ahead. */
export interface Recalibration {
  readonly cause: Change["cause"];
  readonly action: "refit";
  readonly correction: Correction;
  /** Ticks ahead that the errors are of, and the ticks that `present` and `after` are taken over. */
  readonly reach: number;
  readonly ticks: number;
  /** Before the change; since the change with the old forecaster; over the same ticks with the new one. */
  readonly former: number;
  readonly present: number;
  readonly after: number;
}

/**
 * What the past would have to look like for a forecaster to know of a change: after a level shift, scaled to the new level; after a
 * drift, without what is older than three seasons. `undefined` where the models can follow by themselves.
 *
 * @param at epoch seconds of the end of the last tick. @param step seconds a tick. @param season seconds
 */
export function correctionFor(change: Change, at: number, step: number, season: number): Correction | undefined {
  const { series, ratio, former } = change;
  if (change.cause === "drift") return { series, until: at, factor: 1, from: at - RECENT_SEASONS * season };
  if (ratio === undefined || Math.max(ratio, 1 / ratio) > MOST_RATIO) return undefined;
  // Where the forecasts are usually far off, a level seems to move with every burst.
  if (Math.abs(Math.log(ratio)) < Math.max(Math.log(LEAST_RATIO), USUAL_ERRORS * former)) return undefined;
  if (!outgrown(change)) return undefined;
  return { series, until: at - change.ticks * step, factor: ratio };
}

/** Whether models are weighed anew for a change: where the error has grown. */
export function outgrown({ cause, former, present }: Change): boolean {
  return cause === "drift" || present > LEAST_GROWTH * former;
}

/** Compares the two forecasters over the same ticks. @param candidate what the new one did on the corrected past */
export function judge(
  change: Change,
  correction: Correction,
  candidate: SeriesWatch,
): { readonly recalibration: Recalibration; readonly better: boolean } {
  const { cause, ticks, former, present } = change;
  const { reach } = candidate;
  const after = cause === "drift" ? candidate.usualError() : candidate.error(ticks);
  const recalibration = { cause, action: "refit", correction, reach, ticks, former, present, after } as const;
  return { recalibration, better: after < BETTER[cause] * present };
}

/** The displaced forecaster speaks again when its error is no more than this share of the present one's. */
const REINSTATED = 0.5;
/** Whether a new change takes the level back to what it was before it moved by `factor`, and the displaced forecaster explains it better. */
export function explains(rival: SeriesWatch, present: SeriesWatch, change: Change, factor: number): boolean {
  const back = Math.abs(Math.log((change.ratio ?? 1) * factor)) < Math.abs(Math.log(factor)) / 2;
  return back && rival.error(change.ticks) < REINSTATED * present.error(change.ticks);
}

/** Seasons after which a displaced forecaster is forgotten. */
const TRIAL = 0.5;
const LEAST_COMPARED = 6;

/**
 * Whether the forecaster that was displaced has become the better one.
 *
 * @param ticks since it was displaced. @param season ticks
 * @returns `undefined` while that is still to be seen
 */
export function verdict(
  rival: SeriesWatch,
  present: SeriesWatch,
  ticks: number,
  season: number,
): "rival" | "present" | undefined {
  const compared = Math.max(LEAST_COMPARED, Math.round(rival.reach / 2));
  // Better by far of late, and no worse over the whole distance that errors are taken at.
  const better =
    rival.error(compared) < REINSTATED * present.error(compared) &&
    rival.error(rival.reach) < present.error(rival.reach);
  if (ticks >= compared && better) return "rival";
  return ticks > TRIAL * season ? "present" : undefined;
}
