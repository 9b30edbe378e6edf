import type { History } from "./history.ts";
import type { Model } from "./model.port.ts";

/** The last value goes on. Hard to beat within minutes. */
export class Naive implements Model {
  readonly name = "naive";
  readonly cost = { perTick: 0.1, perFit: 0, fitEvery: 0 };
  private readonly history: History;

  constructor(history: History) {
    this.history = history;
  }

  fit(): void {}

  update(): void {}

  forecast(out: Float64Array): void {
    out.fill(this.history.ticks > 0 ? this.history.at(this.history.ticks - 1) : Number.NaN);
  }

  snapshot(): unknown {
    return null;
  }

  restore(): void {}
}
