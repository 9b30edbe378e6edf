/** What a histogram has counted so far. */
export interface HistogramFigures {
  /** Upper bounds, rising; one more than all of them is infinite. */
  readonly bounds: readonly number[];
  /** Values at or below each bound that are above the one before; the last are above all. */
  readonly counts: readonly number[];
  readonly sum: number;
}

/** Counts values by upper bound, as Prometheus' classic histograms do (https://prometheus.io/docs/concepts/metric_types/#histogram). */
export class Histogram implements HistogramFigures {
  readonly bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;

  /** @param bounds rising */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.#counts = new Array<number>(bounds.length + 1).fill(0);
  }

  get counts(): readonly number[] {
    return this.#counts;
  }

  get sum(): number {
    return this.#sum;
  }

  /** Values that are not finite are left out. */
  observe(value: number): void {
    if (!Number.isFinite(value)) return;
    const at = this.bounds.findIndex((bound) => value <= bound);
    this.#counts[at < 0 ? this.bounds.length : at]++;
    this.#sum += value;
  }
}
