import type { FleetHistory } from "./history.ts";
import { Issued } from "./issued.ts";
import type { FleetShape } from "./shape.ts";
import type { Tables } from "./tables.ts";

/** Gains of the two deviations from what is usual, and the hours after which what they say has faded to a half. */
const QUICK = { gain: 0.6, fade: 1 };
const SLOW = { gain: 0.15, fade: 3 };

/** Candidates of the fast path, in the order of their rows. */
export const FAST_MODELS = ["naive", "seasonal naive", "quick profile", "slow profile"] as const;

/**
 * The candidates of the fast path: the last value, what came a season ago, and what is usual plus an exponentially weighted mean of the
 * deviation from it, once quick and once slow, which fades with the horizon.
 */
export class FastModels {
  /** By candidate, the forecasts of the anchor last read. */
  readonly out: readonly Float64Array[];
  private readonly shape: FleetShape;
  private readonly history: FleetHistory;
  private readonly quick: Float32Array;
  private readonly slow: Float32Array;
  private readonly level: Float32Array;
  private readonly issuedQuick: Issued;
  private readonly issuedSlow: Issued;

  constructor(shape: FleetShape, tables: Tables, history: FleetHistory) {
    this.shape = shape;
    this.history = history;
    this.quick = tables.floats("quick deviation", 1);
    this.slow = tables.floats("slow deviation", 1);
    this.level = tables.floats("recent level", 1);
    this.issuedQuick = new Issued(shape, tables, history, "quick");
    this.issuedSlow = new Issued(shape, tables, history, "slow");
    this.out = FAST_MODELS.map(() => new Float64Array(tables.columns));
  }

  /** What fills a gap: what is usual plus the slow deviation. */
  fillings(usual: Float64Array, out: Float64Array, lo: number, hi: number): void {
    for (let i = lo; i < hi; i++) {
      const filled = usual[i] + this.slow[i];
      out[i] = filled < 0 ? 0 : filled;
    }
  }

  /** Takes what came in a tick and what had been usual there. */
  step(usual: Float64Array, lo: number, hi: number): void {
    const { quick, slow, level } = this;
    const { current, measured } = this.history;
    for (let i = lo; i < hi; i++) {
      const value = current[i];
      if (Number.isNaN(value)) continue;
      level[i] += Math.max(0.3, 1 / measured[i]) * (value - level[i]);
      const off = value - usual[i];
      if (Number.isNaN(off)) continue;
      quick[i] += QUICK.gain * (off - quick[i]);
      slow[i] += SLOW.gain * (off - slow[i]);
    }
  }

  /** What was said of `tick` at an anchor, into `out`. */
  due(tick: number, a: number, lo: number, hi: number): void {
    const { history, shape, out } = this;
    const last = history.row(tick - shape.anchors[a] + history.depth);
    const before = history.row(tick - shape.season + history.depth);
    for (let i = lo; i < hi; i++) {
      out[0][i] = history.at(last + i);
      out[1][i] = tick - shape.season >= history.first[i] ? history.at(before + i) : Number.NaN;
    }
    this.issuedQuick.due(tick, a, out[2], lo, hi);
    this.issuedSlow.due(tick, a, out[3], lo, hi);
  }

  /** Forecasts of the tick an anchor ahead, into `out`; what has to wait for its target is kept. @param usual at that tick */
  issue(tick: number, a: number, usual: Float64Array, lo: number, hi: number): void {
    const { history, shape, out, quick, slow, level } = this;
    const ahead = shape.anchors[a];
    const quickly = fading(ahead, QUICK.fade * shape.hour);
    const slowly = fading(ahead, SLOW.fade * shape.hour);
    const before = history.row(tick + ahead - shape.season + history.depth);
    for (let i = lo; i < hi; i++) {
      const u = usual[i];
      out[0][i] = history.filled[i];
      out[1][i] = tick + ahead - shape.season >= history.first[i] ? history.at(before + i) : Number.NaN;
      const known = u >= 0;
      const one = known ? u + quickly * quick[i] : level[i];
      const two = known ? u + slowly * slow[i] : level[i];
      out[2][i] = one > 0 ? one : 0;
      out[3][i] = two > 0 ? two : 0;
    }
    this.issuedQuick.keep(tick, a, out[2], lo, hi);
    this.issuedSlow.keep(tick, a, out[3], lo, hi);
  }
}

function fading(ahead: number, halfLife: number): number {
  return Math.exp((-Math.LN2 * ahead) / halfLife);
}
