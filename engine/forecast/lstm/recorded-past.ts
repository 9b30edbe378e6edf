import { History } from "../history.ts";
import { hourOf } from "./inputs.ts";
import type { Past } from "./past.port.ts";
import { SeriesPast } from "./series-past.ts";

/** A series as the model would have seen it, tick by tick, kept so that any stretch of it can be seen again. */
export class RecordedPast implements Past {
  readonly ticks: number;
  /** The first tick at which deviations have a meaning; `ticks` where there is none. */
  readonly first: number;
  private readonly values: Float32Array;
  private readonly expected: Float32Array;
  private readonly spreads: Float32Array;
  private readonly fastMeans: Float32Array;
  private readonly slowMeans: Float32Array;
  private readonly gaps: Uint8Array;
  /** What a deviation of one spread is worth in the units of the series, over the mean of that until then: what its errors count for. */
  private readonly worth: Float32Array;

  /** @param values one a tick, oldest first; NaN is a gap */
  constructor(values: Float32Array | Float64Array, season: number) {
    const history = new History(season, 1);
    const past = new SeriesPast(history);
    this.ticks = values.length;
    this.values = new Float32Array(values.length);
    this.expected = new Float32Array(values.length).fill(Number.NaN);
    this.spreads = new Float32Array(values.length);
    this.fastMeans = new Float32Array(values.length);
    this.slowMeans = new Float32Array(values.length);
    this.gaps = new Uint8Array(values.length);
    this.worth = new Float32Array(values.length);
    let first = values.length;
    for (let tick = 0; tick < values.length; tick++) {
      history.push(history.admit(values[tick]));
      past.update();
      this.gaps[tick] = history.isGap(tick) ? 1 : 0;
      if (!past.ready) {
        // The scale is not known yet; it is when the first season ends, and these ticks are lags after that.
        this.values[tick] = history.at(tick);
        continue;
      }
      if (first === values.length) {
        first = tick;
        for (let t = 0; t < tick; t++) this.values[t] = Math.log1p(this.values[t] / past.scale);
      }
      this.values[tick] = past.value(tick);
      this.expected[tick] = past.usual(tick);
      this.spreads[tick] = past.spread();
      this.fastMeans[tick] = past.fast();
      this.slowMeans[tick] = past.slow();
    }
    this.first = Math.min(values.length, first + hourOf(season));
    this.weigh();
  }

  private weigh(): void {
    let sum = 0;
    for (let t = this.first; t < this.ticks; t++) {
      const worth = this.spreads[t] * Math.exp(this.expected[t] || 0);
      sum += worth;
      this.worth[t] = (worth * (t - this.first + 1)) / sum;
    }
  }

  /** The deviation at the target in spreads of the origin; NaN where there is nothing to learn from. */
  target(tick: number, ahead: number): number {
    const at = tick + ahead;
    if (at >= this.ticks || this.gaps[at] === 1 || this.gaps[tick] === 1) return Number.NaN;
    return (this.values[at] - this.expected[at]) / this.spreads[tick];
  }

  /** What an error in spreads of the origin counts for, so that series count alike and ticks by what they cost. */
  weight(tick: number): number {
    return this.worth[tick];
  }

  value(tick: number): number {
    return this.values[tick];
  }

  usual(tick: number): number {
    return tick < this.ticks ? this.expected[tick] : Number.NaN;
  }

  deviation(tick: number): number {
    const deviation = this.values[tick] - this.expected[tick];
    return Number.isNaN(deviation) ? 0 : deviation;
  }

  spread(tick: number): number {
    return this.spreads[tick];
  }

  fast(tick: number): number {
    return this.fastMeans[tick];
  }

  slow(tick: number): number {
    return this.slowMeans[tick];
  }

  isGap(tick: number): boolean {
    return this.gaps[tick] === 1;
  }
}
