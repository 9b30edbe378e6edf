import { decodeInto, encode } from "./doubles.ts";
import type { HorizonRecord } from "./skill-rule.ts";

/** Observed share of values at or below each quantile, by horizon and level, forgetting. */
export class RollingCoverage {
  private readonly horizons: readonly number[];
  private readonly levels: readonly number[];
  private readonly decisive: readonly number[];
  private readonly keep: number;
  private readonly run: number;
  private readonly covered: Float64Array;
  private readonly weights: Float64Array;

  /**
   * @param decisive the levels that are judged
   * @param keep what a tick counts for when the next has come
   * @param run ticks that misses are taken to come in, at least
   */
  constructor(
    horizons: readonly number[],
    levels: readonly number[],
    decisive: readonly number[],
    keep: number,
    run: number,
  ) {
    this.horizons = horizons;
    this.levels = levels;
    this.decisive = decisive;
    this.keep = keep;
    this.run = run;
    this.covered = new Float64Array(horizons.length * levels.length);
    this.weights = new Float64Array(horizons.length);
  }

  /** Begins a tick at a horizon; `add` follows for each level. */
  next(k: number): void {
    this.weights[k] = this.keep * this.weights[k] + 1;
  }

  add(k: number, l: number, covered: boolean): void {
    const at = k * this.levels.length + l;
    this.covered[at] = this.keep * this.covered[at] + (covered ? 1 : 0);
  }

  /** Over all horizons, by level (`"0.99"`); NaN before there is a sample. */
  shares(): Record<string, number> {
    const weight = this.weights.reduce((a, b) => a + b, 0);
    return Object.fromEntries(
      this.levels.map((level, l) => {
        let sum = 0;
        for (let k = 0; k < this.horizons.length; k++) sum += this.covered[k * this.levels.length + l];
        return [String(level), weight > 0 ? sum / weight : Number.NaN];
      }),
    );
  }

  /** What was observed at a horizon of each level that is judged, and the forecasts that count as independent. */
  judged(k: number): HorizonRecord["quantiles"] {
    const weight = this.weights[k];
    if (weight === 0) return [];
    const independent = Math.max(1, weight / Math.max(this.horizons[k], this.run));
    return this.levels.flatMap((level, l) =>
      this.decisive.includes(level)
        ? [{ level, share: this.covered[k * this.levels.length + l] / weight, independent }]
        : [],
    );
  }

  snapshot(): unknown {
    return { covered: encode(this.covered), weights: encode(this.weights) };
  }

  restore(state: unknown): void {
    const s = state as { covered: string; weights: string };
    decodeInto(this.covered, s.covered);
    decodeInto(this.weights, s.weights);
  }
}
