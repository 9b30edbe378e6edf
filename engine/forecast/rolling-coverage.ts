import { decodeInto, encode } from "./doubles.ts";

/** Times the claimed share that a quantile may be missed, beyond what chance explains. */
const MISSES = 1.5;

export interface Undercovered {
  readonly level: number;
  /** Ticks ahead. */
  readonly horizon: number;
  /** Observed share at or below the quantile. */
  readonly share: number;
}

/** Observed share of values at or below each quantile, by horizon and level, forgetting. */
export class RollingCoverage {
  private readonly horizons: readonly number[];
  private readonly levels: readonly number[];
  private readonly keep: number;
  private readonly run: number;
  private readonly covered: Float64Array;
  private readonly weights: Float64Array;

  /**
   * @param keep what a tick counts for when the next has come
   * @param run ticks that misses are taken to come in, at least
   */
  constructor(horizons: readonly number[], levels: readonly number[], keep: number, run: number) {
    this.horizons = horizons;
    this.levels = levels;
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

  /** The first upper level that is missed significantly more than half as often again as it claims, at some horizon. */
  undercovered(): Undercovered | undefined {
    for (let l = 0; l < this.levels.length; l++) {
      const level = this.levels[l];
      if (level <= 0.5) continue;
      for (let k = 0; k < this.horizons.length; k++) {
        const weight = this.weights[k];
        if (weight === 0) continue;
        const share = this.covered[k * this.levels.length + l] / weight;
        const independent = Math.max(1, weight / Math.max(this.horizons[k], this.run));
        const misses = 1 - level;
        if (1 - share > MISSES * misses + 2 * Math.sqrt((misses * level) / independent))
          return { level, horizon: this.horizons[k], share };
      }
    }
    return undefined;
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
