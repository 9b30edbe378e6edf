import { decodeInto, encode } from "./doubles.ts";

/** Kept per horizon: the loss of the forecast and of the two bars, then mean and mean square of each bar's loss less the forecast's. */
const KEPT = 7;

/** 0: seasonal naive, 1: the constant. */
type Bar = 0 | 1;

/**
 * Losses of forecasts and of the bars they are compared with, by horizon, forgetting. They are gathered in batches, since the losses of
 * neighbouring ticks go together: the t-value of the difference rests on batch means (Diebold and Mariano 1995).
 */
export class RollingLosses {
  private readonly horizons: number;
  private readonly keep: number;
  /** Per horizon in the batch: three losses and their count. */
  private readonly batch: Float64Array;
  private readonly rolling: Float64Array;
  /** Sum of the weights of the batches, and of their squares. */
  private readonly weights = new Float64Array(2);

  /** @param keep what a batch counts for when the next has come */
  constructor(horizons: number, keep: number) {
    this.horizons = horizons;
    this.keep = keep;
    this.batch = new Float64Array(4 * horizons);
    this.rolling = new Float64Array(KEPT * horizons);
  }

  add(k: number, ours: number, seasonal: number, constant: number): void {
    this.batch[4 * k] += ours;
    this.batch[4 * k + 1] += seasonal;
    this.batch[4 * k + 2] += constant;
    this.batch[4 * k + 3]++;
  }

  /** Closes the batch. One without a loss at some horizon counts for nothing. */
  close(): void {
    const { batch, rolling, keep } = this;
    for (let k = 0; k < this.horizons; k++) if (batch[4 * k + 3] === 0) return;
    this.weights[0] = keep * this.weights[0] + 1;
    this.weights[1] = keep * keep * this.weights[1] + 1;
    for (let k = 0; k < this.horizons; k++) {
      const count = batch[4 * k + 3];
      const ours = batch[4 * k] / count;
      const seasonal = batch[4 * k + 1] / count;
      const constant = batch[4 * k + 2] / count;
      const overSeasonal = seasonal - ours;
      const overConstant = constant - ours;
      const at = KEPT * k;
      rolling[at] = keep * rolling[at] + ours;
      rolling[at + 1] = keep * rolling[at + 1] + seasonal;
      rolling[at + 2] = keep * rolling[at + 2] + constant;
      rolling[at + 3] = keep * rolling[at + 3] + overSeasonal;
      rolling[at + 4] = keep * rolling[at + 4] + overSeasonal * overSeasonal;
      rolling[at + 5] = keep * rolling[at + 5] + overConstant;
      rolling[at + 6] = keep * rolling[at + 6] + overConstant * overConstant;
    }
    batch.fill(0);
  }

  /** 1 − loss / loss of the bar at a horizon; NaN before a batch is closed. */
  skill(k: number, bar: Bar): number {
    if (this.weights[0] === 0) return Number.NaN;
    const loss = this.rolling[KEPT * k + 1 + bar];
    return loss > 0 ? 1 - this.rolling[KEPT * k] / loss : 0;
  }

  /** The t-value of the bar's loss less the forecast's at a horizon; 0 where there is no difference, or nothing to judge it by. */
  significance(k: number, bar: Bar): number {
    const [weight, squares] = this.weights;
    if (weight === 0) return 0;
    const mean = this.rolling[KEPT * k + 3 + 2 * bar] / weight;
    const square = this.rolling[KEPT * k + 4 + 2 * bar] / weight;
    const variance = Math.max(0, square - mean * mean);
    return variance > 0 ? mean / Math.sqrt((variance * squares) / (weight * weight)) : 0;
  }

  snapshot(): unknown {
    return [this.batch, this.rolling, this.weights].map(encode);
  }

  restore(state: unknown): void {
    [this.batch, this.rolling, this.weights].forEach((array, i) => {
      decodeInto(array, (state as string[])[i]);
    });
  }
}
