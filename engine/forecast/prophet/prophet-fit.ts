import type { ProphetDesign } from "./prophet-design.ts";
import { mapEstimate } from "./prophet-map.ts";
import { priorsOf } from "./prophet-posterior.ts";

/** A fitted curve, as plain data: trend, seasons and effects of events add up. In the unit of the series unless stated otherwise. */
export interface ProphetParameters {
  /** Epoch seconds at which the trend's time is 0, and seconds of one unit of it. */
  readonly startsAt: number;
  readonly span: number;
  /** Trend at time 0, its growth a unit of time, and the growth added from each change point on. */
  readonly offset: number;
  readonly slope: number;
  readonly changes: readonly { readonly at: number; readonly slope: number }[];
  /** Coefficients of cos x, sin x, cos 2x, sin 2x, … */
  readonly seasons: readonly { readonly period: number; readonly coefficients: readonly number[] }[];
  readonly events: readonly { readonly name: string; readonly effect: number }[];
  /** Standard deviation of what is left. */
  readonly noise: number;
}

/**
 * Fits a curve to a series over the design's grid by maximum a posteriori, with Prophet's model and priors (Taylor and Letham
 * 2018, "Forecasting at scale", The American Statistician 72:1; piecewise linear trend, additive seasons). It differs in one thing: change
 * points are placed on the grid, not on what was measured of it, so that series with gaps share their design with the others.
 *
 * @param values one a grid instant, NaN for a gap
 * @throws Error where the series is all gaps or has no stable fit
 */
export function fitProphet(design: ProphetDesign, values: Float64Array): ProphetParameters {
  let scale = 0;
  for (const value of values) if (Math.abs(value) > scale) scale = Math.abs(value);
  if (scale === 0) scale = 1;
  const moments = design.moments(values, scale);
  if (moments.count < 2) throw new Error(`prophet: expected at least 2 measured values, found ${moments.count}`);
  const { layout } = design;
  const estimate = mapEstimate(moments, priorsOf(layout, design.size));
  if (estimate === undefined) throw new Error("prophet: no stable fit");
  const theta = estimate.theta.map((value) => value * scale);
  const changesFrom = 2;
  let column = changesFrom + layout.changePoints.length;
  const seasons = layout.seasons.map(({ period, order }) => {
    const coefficients = [...theta.subarray(column, column + 2 * order)];
    column += 2 * order;
    return { period, coefficients };
  });
  return {
    startsAt: layout.startsAt,
    span: layout.span,
    slope: theta[0],
    offset: theta[1],
    changes: layout.changePoints
      .map((at, j) => ({ at, slope: theta[changesFrom + j] }))
      .filter(({ slope }) => slope !== 0),
    seasons,
    events: layout.events.map(([{ name }], e) => ({ name, effect: theta[column + e] })),
    noise: estimate.sigma * scale,
  };
}
