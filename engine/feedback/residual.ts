import type { SeriesName } from "../../model/dimension.ts";
import { ABSURD, isMeasurement } from "../forecast/admission.ts";
import { type Forecast, levelAtLeast, pointAt, quantileAt } from "../forecast/forecast.port.ts";

/** What came in a tick, beside what had been forecast for it. All numbers are finite. */
export interface Residual {
  readonly series: SeriesName;
  /** In the unit of the series. */
  readonly value: number;
  readonly expected: number;
  /** The usual size of the forecast's error, as its own quantiles tell it; greater than 0. */
  readonly scale: number;
  /** How far outside, in multiples of the scale: positive when more came than was expected. */
  readonly score: number;
}

/** Half the distance between the .1 and .9 quantiles of a normal distribution, in standard deviations. */
const TENTH = 1.2816;
/** No error of less than this share of what is expected is told from none. */
const LEAST_SHARE = 0.02;
/** Scores beyond are all alike: a surprise. */
const MOST_SCORE = 1e6;

/**
 * The residual of a value that came `ahead` ticks after its forecast was issued, scaled by the spread that the forecast
 * itself claims there: (.9 quantile − middle) or (middle − .1 quantile), the greater, over 1.28.
 *
 * @param usual mean size of the series, so that a flat series has a scale too
 * @returns `undefined` where the value is a gap or garbage, or the forecast says nothing
 */
export function residualOf(forecast: Forecast, ahead: number, value: number, usual: number): Residual | undefined {
  if (!isMeasurement(value)) return undefined;
  const expected = pointAt(forecast, ahead);
  if (!Number.isFinite(expected)) return undefined;
  const { lower, upper } = tenths(forecast);
  const spread = Math.max(
    quantileAt(forecast, upper, ahead) - expected,
    expected - quantileAt(forecast, lower, ahead),
    0,
  );
  const least = LEAST_SHARE * Math.max(expected, usual) + 1e-9;
  const scale = Math.max(spread / TENTH, Math.min(least, ABSURD));
  if (!Number.isFinite(scale)) return undefined;
  const score = Math.max(-MOST_SCORE, Math.min(MOST_SCORE, (value - expected) / scale));
  return { series: forecast.series, value, expected, scale, score };
}

function tenths(forecast: Forecast): { lower: number; upper: number } {
  return { lower: levelAtLeast(forecast, 0.1), upper: levelAtLeast(forecast, 0.9) };
}
