import type { SeriesForecaster } from "./forecast.port.ts";
import { pinball } from "./pinball.ts";

/** How good the forecasts of one horizon were. */
export interface Accuracy {
  /** Mean |error| over the mean |x[t] − x[t − season]| of the history (Hyndman and Koehler 2006, seasonal). */
  readonly mase: number;
  /** Symmetric mean absolute percentage error, in percent, 0 to 200. */
  readonly smape: number;
  /** Mean pinball loss of each quantile over the mean of what came, by level. */
  readonly pinball: Readonly<Record<string, number>>;
  /** Share of values at or below each quantile, by level. */
  readonly coverage: Readonly<Record<string, number>>;
  /** Forecasts compared with what came. */
  readonly samples: number;
}

export interface BacktestOptions {
  /** Ticks a season. */
  readonly season: number;
  /** The first tick whose end a scored forecast is made at; what lies before is history. */
  readonly from: number;
}

/**
 * Feeds a series to a forecaster tick by tick, as it would have come, and compares every forecast made at or after `from` with
 * what came. Gaps are not compared. By horizon, in ticks.
 */
export function backtest(
  values: Float64Array,
  forecaster: SeriesForecaster,
  options: BacktestOptions,
): Map<number, Accuracy> {
  const run = new BacktestRun(values, forecaster, options);
  while (run.step());
  return run.accuracy();
}

/** A backtest that goes on by one tick at a time, for those that wait for fits in between. */
export class BacktestRun {
  private readonly values: Float64Array;
  private readonly forecaster: SeriesForecaster;
  private readonly options: BacktestOptions;
  private readonly scale: number;
  private tallies: Tally[] = [];
  private tick = 0;

  constructor(values: Float64Array, forecaster: SeriesForecaster, options: BacktestOptions) {
    this.values = values;
    this.forecaster = forecaster;
    this.options = options;
    this.scale = seasonalDifference(values, options);
  }

  /** Feeds the next tick and scores the forecast made at its end; false where there is none. */
  step(): boolean {
    const { values, forecaster, tick } = this;
    if (tick >= values.length) return false;
    this.tick++;
    forecaster.update(values[tick]);
    if (tick < this.options.from) return true;
    const { horizons, levels, values: quantiles, point } = forecaster.forecast();
    if (this.tallies.length === 0) this.tallies = horizons.map(() => new Tally(levels));
    for (let k = 0; k < horizons.length; k++) {
      const came = values[tick + horizons[k]];
      if (Number.isFinite(came)) this.tallies[k].add(came, point[k], quantiles, k);
    }
    return true;
  }

  /** By horizon, in ticks. */
  accuracy(): Map<number, Accuracy> {
    const { horizons } = this.forecaster.forecast();
    return new Map(this.tallies.map((tally, k) => [horizons[k], tally.accuracy(this.scale)]));
  }
}

function seasonalDifference(values: Float64Array, { season, from }: BacktestOptions): number {
  let sum = 0;
  let count = 0;
  for (let tick = season; tick < from; tick++) {
    const difference = Math.abs(values[tick] - values[tick - season]);
    if (!Number.isFinite(difference)) continue;
    sum += difference;
    count++;
  }
  return sum / count;
}

class Tally {
  private readonly levels: readonly number[];
  private readonly pinball: Float64Array;
  private readonly covered: Float64Array;
  private error = 0;
  private symmetric = 0;
  private total = 0;
  private count = 0;

  constructor(levels: readonly number[]) {
    this.levels = levels;
    this.pinball = new Float64Array(levels.length);
    this.covered = new Float64Array(levels.length);
  }

  add(came: number, point: number, quantiles: readonly Float64Array[], k: number): void {
    const error = Math.abs(came - point);
    this.error += error;
    this.symmetric += error / (Math.abs(came) + Math.abs(point) + 1e-9);
    this.total += came;
    this.count++;
    this.levels.forEach((level, l) => {
      this.pinball[l] += pinball(level, came, quantiles[l][k]);
      if (came <= quantiles[l][k]) this.covered[l]++;
    });
  }

  accuracy(scale: number): Accuracy {
    const { count } = this;
    const byLevel = (values: Float64Array, over: number) =>
      Object.fromEntries(this.levels.map((level, l) => [String(level), values[l] / over]));
    return {
      mase: this.error / count / scale,
      smape: (200 * this.symmetric) / count,
      pinball: byLevel(this.pinball, this.total),
      coverage: byLevel(this.covered, count),
      samples: count,
    };
  }
}
