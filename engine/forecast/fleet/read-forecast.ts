import type { SeriesName } from "../../../model/dimension.ts";
import type { Forecast } from "../forecast.port.ts";
import type { FleetShard, FleetTier } from "./shard.ts";

/** What a forecast is asked for; as of a forecaster. */
export interface ForecastRequest {
  readonly series: SeriesName;
  readonly levels: readonly number[];
  /** Ticks ahead, ascending. */
  readonly horizons: readonly number[];
}

/** Hours after which what the last anchor says beyond what is usual has faded to a half. */
const FADE = 3;
/** No quantile says more than so many times the greatest value of late. */
const MOST_GROWTH = 4;

export const MODEL_OF: Record<FleetTier, string> = {
  fast: "fleet(naive, seasonal naive, profile)",
  balanced: "fleet(naive, seasonal naive, profile, seasonal ar)",
};

/**
 * The forecast of one column as it stands at the end of `tick`: between two anchors the deviation from what is usual and the spread are
 * read on a line, beyond the last the deviation fades and the spread stays. Levels between two that are tracked are read by the
 * logarithm of what lies beyond, in which the tail of an exponential distribution is a line.
 */
export function readForecast(
  shard: FleetShard,
  column: number,
  tick: number,
  { series, levels, horizons }: ForecastRequest,
): Forecast {
  const { shape, profile, history, tables, tier } = shard;
  const { anchors } = shape;
  const { point: points, scale: scales, quantiles } = shard.calibration;
  const { columns } = tables;
  const offsets = anchors.map((ahead, a) => points[a * columns + column] - profile.at(tick + ahead, column));
  // Per anchor: the quantiles of the error at the levels that are asked for.
  const errors = anchors.map((_, a) => {
    const tracked = shape.levels.map((_, l) => quantiles[(a * shape.levels.length + l) * columns + column]);
    for (let l = 1; l < tracked.length; l++) tracked[l] = Math.max(tracked[l], tracked[l - 1]);
    return levels.map((level) => scales[a * columns + column] * quantileAt(shape.levels, tracked, level));
  });
  const point = new Float64Array(horizons.length);
  const values = levels.map(() => new Float64Array(horizons.length));
  const most = MOST_GROWTH * history.greatest[column];
  for (let k = 0; k < horizons.length; k++) {
    const { a, share } = anchorsAround(anchors, horizons[k]);
    const b = Math.min(a + 1, anchors.length - 1);
    const usual = profile.at(tick + horizons[k], column);
    const beyond = Math.max(0, horizons[k] - anchors[anchors.length - 1]);
    const fade = Math.exp((-Math.LN2 * beyond) / (FADE * shape.hour));
    // Before anything is usual, the forecasts of the anchors themselves.
    const middle =
      usual >= 0
        ? usual + fade * lineBetween(offsets[a], offsets[b], share)
        : lineBetween(points[a * columns + column], points[b * columns + column], share);
    point[k] = within(middle, most);
    for (let l = 0; l < levels.length; l++) {
      const value = within(point[k] + lineBetween(errors[a][l], errors[b][l], share), most);
      values[l][k] = l > 0 && value < values[l - 1][k] ? values[l - 1][k] : value;
    }
  }
  return {
    series,
    issuedAt: (tick + 1) * shape.step,
    step: shape.step,
    levels,
    horizons,
    values,
    point,
    model: MODEL_OF[tier],
    evidence: shard.evidence(column),
  };
}

function anchorsAround(anchors: readonly number[], ahead: number): { a: number; share: number } {
  const last = anchors.length - 1;
  if (ahead <= anchors[0]) return { a: 0, share: 0 };
  if (ahead >= anchors[last]) return { a: last, share: 0 };
  let a = 0;
  while (anchors[a + 1] <= ahead) a++;
  return { a, share: (ahead - anchors[a]) / (anchors[a + 1] - anchors[a]) };
}

function quantileAt(levels: readonly number[], quantiles: readonly number[], level: number): number {
  const position = levels.map(tail);
  const at = tail(level);
  let l = 0;
  while (l + 2 < levels.length && position[l + 1] < at) l++;
  const share = (at - position[l]) / (position[l + 1] - position[l]);
  return quantiles[l] + share * (quantiles[l + 1] - quantiles[l]);
}

/** The quantile of a Laplace distribution: a level's place on a scale on which such tails are lines. */
function tail(level: number): number {
  return level < 0.5 ? Math.log(2 * level) : -Math.log(2 * (1 - level));
}

function lineBetween(a: number, b: number, share: number): number {
  return a + share * (b - a);
}

function within(value: number, most: number): number {
  return value > 0 ? (value < most ? value : most) : 0;
}
