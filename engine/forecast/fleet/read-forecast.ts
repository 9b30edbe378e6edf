import type { SeriesName } from "../../../model/dimension.ts";
import type { Forecast } from "../forecast.port.ts";
import type { FleetShape } from "./shape.ts";
import type { FleetShard } from "./shard.ts";

/** What a forecast is asked for; as of a forecaster. */
export interface ForecastRequest {
  readonly levels: readonly number[];
  /** Ticks ahead, ascending. */
  readonly horizons: readonly number[];
}

/** Hours after which what the last anchor says beyond what is usual has faded to a half. */
const FADE = 3;
/** No quantile says more than so many times the greatest value of late. */
const MOST_GROWTH = 4;

/**
 * Reads forecasts of columns at the same levels and horizons. Between two anchors the deviation from what is usual and the spread are
 * read on a line, beyond the last the deviation fades and the spread stays. Levels between two that are tracked are read by the
 * logarithm of what lies beyond, in which the tail of an exponential distribution is a line. Where each lies between which is found once.
 */
export class ForecastReader {
  readonly #shape: FleetShape;
  readonly #levels: readonly number[];
  readonly #horizons: readonly number[];
  readonly #places: readonly {
    readonly a: number;
    readonly b: number;
    readonly share: number;
    readonly fade: number;
  }[];
  readonly #tracked: readonly { readonly below: number; readonly share: number }[];
  /** Of the column that is read: deviations by anchor, tracked quantiles, and quantiles of the error by anchor and level. */
  readonly #offsets: Float64Array;
  readonly #quantiles: Float64Array;
  readonly #errors: Float64Array;

  constructor(shape: FleetShape, { levels, horizons }: ForecastRequest) {
    const { anchors, hour } = shape;
    this.#shape = shape;
    this.#levels = levels;
    this.#horizons = horizons;
    this.#places = horizons.map((ahead) => {
      const { a, share } = anchorsAround(anchors, ahead);
      const beyond = Math.max(0, ahead - anchors[anchors.length - 1]);
      const fade = Math.exp((-Math.LN2 * beyond) / (FADE * hour));
      return { a, b: Math.min(a + 1, anchors.length - 1), share, fade };
    });
    this.#tracked = levels.map((level) => placeOf(shape.levels, level));
    this.#offsets = new Float64Array(anchors.length);
    this.#quantiles = new Float64Array(shape.levels.length);
    this.#errors = new Float64Array(anchors.length * levels.length);
  }

  /** The forecast of one column as it stands at the end of `tick`. */
  read(shard: FleetShard, column: number, tick: number, series: SeriesName): Forecast {
    const { profile, history, calibration, tables } = shard;
    const { columns } = tables;
    this.#readAnchors(shard, column, tick);
    const [errors, offsets, levels, horizons] = [this.#errors, this.#offsets, this.#levels, this.#horizons];
    const width = horizons.length;
    // One piece of memory for all: a fleet has hundred thousands of rows.
    const numbers = new Float64Array((levels.length + 1) * width);
    const most = MOST_GROWTH * history.greatest[column];
    for (let k = 0; k < width; k++) {
      const { a, b, share, fade } = this.#places[k];
      const usual = profile.at(tick + horizons[k], column);
      // Before anything is usual, the forecasts of the anchors themselves.
      const middle =
        usual >= 0
          ? usual + fade * lineBetween(offsets[a], offsets[b], share)
          : lineBetween(calibration.point[a * columns + column], calibration.point[b * columns + column], share);
      const point = within(middle, most);
      numbers[k] = point;
      let before = 0;
      for (let l = 0; l < levels.length; l++) {
        const error = lineBetween(errors[a * levels.length + l], errors[b * levels.length + l], share);
        before = Math.max(before, within(point + error, most));
        numbers[(l + 1) * width + k] = before;
      }
    }
    return {
      series,
      issuedAt: (tick + 1) * this.#shape.step,
      step: this.#shape.step,
      levels,
      horizons,
      values: levels.map((_, l) => numbers.subarray((l + 1) * width, (l + 2) * width)),
      point: numbers.subarray(0, width),
      model: shard.modelOf(column),
      evidence: shard.evidence(column),
    };
  }

  #readAnchors({ calibration, profile, tables }: FleetShard, column: number, tick: number): void {
    const { anchors, levels: tracked } = this.#shape;
    const { columns } = tables;
    const quantiles = this.#quantiles;
    const count = this.#tracked.length;
    for (let a = 0; a < anchors.length; a++) {
      this.#offsets[a] = calibration.point[a * columns + column] - profile.at(tick + anchors[a], column);
      for (let l = 0; l < tracked.length; l++) {
        const quantile = calibration.quantiles[(a * tracked.length + l) * columns + column];
        quantiles[l] = l > 0 ? Math.max(quantile, quantiles[l - 1]) : quantile;
      }
      const scale = calibration.scale[a * columns + column];
      for (let l = 0; l < count; l++) {
        const { below, share } = this.#tracked[l];
        this.#errors[a * count + l] = scale * lineBetween(quantiles[below], quantiles[below + 1], share);
      }
    }
  }
}

function anchorsAround(anchors: readonly number[], ahead: number): { a: number; share: number } {
  const last = anchors.length - 1;
  if (ahead <= anchors[0]) return { a: 0, share: 0 };
  if (ahead >= anchors[last]) return { a: last, share: 0 };
  let a = 0;
  while (anchors[a + 1] <= ahead) a++;
  return { a, share: (ahead - anchors[a]) / (anchors[a + 1] - anchors[a]) };
}

/** Between which of the tracked levels a level is read, and how far from the one below; beyond them on the line of the last two. */
function placeOf(tracked: readonly number[], level: number): { below: number; share: number } {
  const position = tracked.map(tail);
  const at = tail(level);
  let below = 0;
  while (below + 2 < tracked.length && position[below + 1] < at) below++;
  return { below, share: (at - position[below]) / (position[below + 1] - position[below]) };
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
