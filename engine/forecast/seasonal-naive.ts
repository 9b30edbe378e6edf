import type { History } from "./history.ts";
import type { Model } from "./model.port.ts";

/** What was one season ago comes again: the bar that every other model has to clear. */
export class SeasonalNaive implements Model {
  readonly name = "seasonal naive";
  readonly cost = { perTick: 0.2, perFit: 0, fitEvery: 0 };
  private readonly history: History;
  private readonly horizons: readonly number[];

  constructor(history: History, horizons: readonly number[]) {
    this.history = history;
    this.horizons = horizons;
  }

  fit(): void {}

  update(): void {}

  forecast(out: Float64Array): void {
    const { history } = this;
    for (let k = 0; k < out.length; k++) {
      const h = this.horizons[k];
      const tick = history.ticks - 1 + h - history.season * Math.ceil(h / history.season);
      out[k] = tick >= 0 ? history.at(tick) : Number.NaN;
    }
  }

  snapshot(): unknown {
    return null;
  }

  restore(): void {}
}
