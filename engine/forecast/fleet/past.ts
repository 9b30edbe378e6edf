import type { Past } from "../lstm/past.port.ts";
import { LEAST_SPREAD, MOST_SPREADS } from "../lstm/series-past.ts";
import type { FleetDeviations } from "./deviations.ts";
import type { FleetHistory } from "./history.ts";
import type { FleetProfile } from "./profile.ts";
import type { FleetSeries } from "./series.ts";
import type { FleetShape } from "./shape.ts";
import type { Tables } from "./tables.ts";

/** What is known of the series of a shard, and what is usual at each of the shape's anchors ahead of the present tick, by column; whoever gives it keeps it up. */
export interface FleetSeriesAhead extends FleetSeries {
  readonly ahead: readonly Float64Array[];
}

/**
 * What the global model reads of the series of a shard, one column after the other: `SeriesPast` on the fleet's tables. What came a week ago is known
 * by its quarter of an hour only.
 */
export class FleetPast implements Past {
  private readonly shape: FleetShape;
  private readonly history: FleetHistory;
  private readonly profile: FleetProfile;
  private readonly deviations: FleetDeviations;
  private readonly fastGain: number;
  private readonly slowGain: number;
  private readonly spreads: Float32Array;
  private readonly fasts: Float32Array;
  private readonly slows: Float32Array;
  /** Deviations that were measured, at most a season. */
  private readonly measured: Float32Array;
  /** What is usual so many ticks ahead of the present one, by column; the anchors' alone. */
  private readonly usuals: (Float64Array | undefined)[] = [];
  private column = 0;
  private tick = 0;
  private scale = 0;

  constructor(shape: FleetShape, tables: Tables, parts: FleetSeriesAhead) {
    this.shape = shape;
    this.history = parts.history;
    this.profile = parts.profile;
    this.deviations = parts.deviations;
    this.fastGain = 1 - Math.exp((-Math.LN2 * 96) / shape.season);
    this.slowGain = 1 - Math.exp((-Math.LN2 * 24) / shape.season);
    this.spreads = tables.floats("spreads", 1, LEAST_SPREAD);
    this.fasts = tables.floats("fast deviation", 1);
    this.slows = tables.floats("lasting deviation", 1);
    this.measured = tables.floats("deviations measured", 1);
    shape.anchors.forEach((ticks, a) => {
      this.usuals[ticks] = parts.ahead[a];
    });
  }

  /** Takes the tick that history and deviations have just taken. @param usual what had been usual at it */
  learn(tick: number, usual: Float64Array, lo: number, hi: number): void {
    const { history, deviations, spreads, fasts, slows, measured } = this;
    const row = deviations.row(tick);
    for (let i = lo; i < hi; i++) {
      if (!(deviations.scale[i] > 0) || tick === deviations.since[i]) continue;
      const deviation = deviations.at(row + i);
      fasts[i] += this.fastGain * (deviation - fasts[i]);
      slows[i] += this.slowGain * (deviation - slows[i]);
      if (Number.isNaN(history.current[i]) || !(usual[i] >= 0)) continue;
      if (measured[i] < this.shape.season) measured[i]++;
      const most = measured[i] < 60 ? Number.POSITIVE_INFINITY : MOST_SPREADS * spreads[i];
      const spread = spreads[i] + (Math.min(most, Math.abs(deviation)) - spreads[i]) / measured[i];
      spreads[i] = spread > LEAST_SPREAD ? spread : LEAST_SPREAD;
    }
  }

  /** Whether deviations of a column have a meaning: one season with load has passed. */
  isReady(column: number): boolean {
    return this.measured[column] > 0;
  }

  /** From now on it is the past of this column. @param tick the last one taken */
  of(column: number, tick: number): this {
    this.column = column;
    this.tick = tick;
    this.scale = this.deviations.scale[column];
    return this;
  }

  value(tick: number): number {
    const { history, column, shape } = this;
    if (tick < history.first[column]) return Number.NaN;
    return this.log(
      this.tick - tick < history.depth
        ? history.at(history.row(tick) + column)
        : this.profile.weekAt(tick + 7 * shape.season, column),
    );
  }

  usual(tick: number): number {
    if (tick <= this.tick) return this.value(tick) - this.deviation(tick);
    return this.log(this.usuals[tick - this.tick]?.[this.column] ?? Number.NaN);
  }

  deviation(tick: number): number {
    return this.deviations.at(this.deviations.row(tick) + this.column);
  }

  spread(): number {
    return this.spreads[this.column];
  }

  fast(): number {
    return this.fasts[this.column];
  }

  slow(): number {
    return this.slows[this.column];
  }

  isGap(tick: number): boolean {
    return this.history.isGap(this.history.row(tick) + this.column);
  }

  /** A value as the model reads it. */
  log(value: number): number {
    return Math.log1p(value / this.scale);
  }

  /** What `log` made of a value, made a value again. */
  exp(logarithm: number): number {
    return Math.expm1(logarithm) * this.scale;
  }
}
