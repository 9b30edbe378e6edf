import { formatShort } from "../../model/units.ts";
import { type Forecast, levelAtLeast, quantileAt, quantileMaximum, refusalBetween } from "../forecast/forecast.port.ts";
import { RELEASE_AHEAD, STALE_TICKS } from "./policy.ts";

/** Demand that a forecast expects which is trusted at the horizons that additions act on, over the spans that a decision looks at, at the quantile of the constraints. */
export interface Outlook {
  readonly level: number;
  /** In the tick in which capacity asked for now first serves. */
  readonly trigger: number;
  /** The greatest from then on over the hold. */
  readonly grow: number;
  /** The greatest from the next tick to half as far again as `trigger`, at the quantile for releasing. */
  readonly release: number;
  /** Whether it may release: it is trusted at the horizons that `release` is read from too, and is its own. */
  readonly mayRelease: boolean;
  /** The lowest and the chosen quantile at `trigger`. */
  readonly interval: readonly [number, number];
  /** Ticks ahead of `trigger`, for reading other quantiles there. */
  readonly ticksAhead: number;
}

export interface OutlookSpan {
  readonly now: number;
  /** Seconds until capacity asked for now serves. */
  readonly delay: number;
  /** Seconds after that over which the greatest need counts. */
  readonly hold: number;
  /** Demand above this is taken for a fault of the forecast. */
  readonly most: number;
}

/** The outlook, or why the forecast counts for nothing. */
export function outlookOf(
  forecast: Forecast,
  { grow: level, release: releaseLevel }: { readonly grow: number; readonly release: number },
  { now, delay, hold, most }: OutlookSpan,
): Outlook | string {
  const fault = faultOf(forecast);
  if (fault !== undefined) return fault;
  const late = (now - forecast.issuedAt) / forecast.step;
  if (!(Math.abs(late) <= STALE_TICKS))
    return `it was made at ${forecast.issuedAt}, more than ${STALE_TICKS} ticks from now`;
  const offset = Math.max(0, late);
  const delayTicks = Math.ceil(delay / forecast.step - 1e-9);
  const ticksAhead = offset + 1 + delayTicks;
  const quantile = levelAtLeast(forecast, level - 1e-12);
  const cautious = levelAtLeast(forecast, releaseLevel - 1e-12);
  const holdEnd = ticksAhead + Math.max(0, hold) / forecast.step;
  const releaseEnd = offset + RELEASE_AHEAD * (delayTicks + 1);
  const trigger = quantileAt(forecast, quantile, ticksAhead);
  const refused = refusalBetween(forecast.evidence, ticksAhead, holdEnd);
  if (refused !== undefined) return refused;
  const grow = quantileMaximum(forecast, quantile, ticksAhead, holdEnd);
  if (!(grow <= most)) return `${formatShort(grow)} is no demand`;
  return {
    level: quantile,
    trigger,
    grow,
    release: quantileMaximum(forecast, cautious, offset + 1, releaseEnd),
    mayRelease:
      forecast.evidence.scaleOutOnly !== true &&
      refusalBetween(forecast.evidence, offset + 1, releaseEnd) === undefined,
    interval: [quantileAt(forecast, forecast.levels[0], ticksAhead), trigger],
    ticksAhead,
  };
}

/** What makes a forecast unusable whatever it claims of itself: its shape, or a number that is none. */
export function faultOf(forecast: Forecast): string | undefined {
  const { levels, horizons, values, step, issuedAt } = forecast;
  if (!(step > 0) || !Number.isFinite(step) || !Number.isFinite(issuedAt)) return "its times are not numbers";
  if (!Array.isArray(levels) || levels.length === 0 || !Array.isArray(horizons) || horizons.length === 0)
    return "it is empty";
  if (values.length !== levels.length) return "it lacks quantiles";
  if (horizons.some((h, k) => !Number.isFinite(h) || (k > 0 && h <= horizons[k - 1])))
    return "its horizons do not ascend";
  if (levels.some((l, k) => !(l > 0 && l < 1) || (k > 0 && l <= levels[k - 1]))) return "its levels do not ascend";
  for (const row of values) {
    if (row.length !== horizons.length) return "it lacks horizons";
    for (let k = 0; k < row.length; k++)
      if (!(row[k] >= 0) || row[k] === Number.POSITIVE_INFINITY) return "it holds a value that is no demand";
  }
  return undefined;
}
