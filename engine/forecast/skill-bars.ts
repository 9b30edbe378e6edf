import { Conformal } from "./conformal.ts";
import { decodeInto, encode } from "./doubles.ts";
import type { History } from "./history.ts";
import { SortedWindow } from "./sorted-window.ts";

/** Seasons that the constant's quantiles are taken from. */
const WINDOW = 3;

/**
 * The two bars that forecasts must clear, as quantiles of the next tick: seasonal naive with conformal quantiles of its own,
 * and the quantiles of what came lately, "a constant". Both know all but the tick itself, whatever horizon they are compared with.
 */
export class SkillBars {
  /** By level; NaN where there is none yet. */
  readonly seasonal: Float64Array;
  readonly constant: Float64Array;
  private readonly history: History;
  private readonly levels: readonly number[];
  private readonly errors: Conformal;
  private readonly values: SortedWindow;
  private scale = Number.NaN;

  constructor(history: History, levels: readonly number[]) {
    this.history = history;
    this.levels = levels;
    this.errors = new Conformal(history.season, 1);
    this.values = new SortedWindow(WINDOW * history.season);
    this.seasonal = new Float64Array(levels.length).fill(Number.NaN);
    this.constant = new Float64Array(levels.length).fill(Number.NaN);
  }

  /** Whether both have been issued for the tick that comes. */
  get ready(): boolean {
    return !Number.isNaN(this.seasonal[0]) && !Number.isNaN(this.constant[0]);
  }

  /** Takes the value of `tick`, which the history has already taken, and issues for the next. */
  update(tick: number, value: number): void {
    const { history, levels } = this;
    const before = tick - history.season;
    const known = !Number.isNaN(value) && before >= 0 && !history.isGap(before);
    this.errors.update(known ? value - history.at(before) : Number.NaN, this.scale);
    if (!Number.isNaN(value)) this.values.push(value);
    this.scale = before >= -1 ? this.errors.scale(0.001 * history.greatest() + 1e-12) : Number.NaN;
    const last = before >= -1 ? history.at(before + 1) : Number.NaN;
    for (let l = 0; l < levels.length; l++) {
      this.seasonal[l] = Math.max(0, last + this.scale * this.errors.quantile(levels[l]));
      this.constant[l] = this.values.count > 0 ? this.values.quantile(levels[l]) : Number.NaN;
    }
  }

  snapshot(): unknown {
    return {
      errors: this.errors.snapshot(),
      values: this.values.snapshot(),
      scale: String(this.scale),
      seasonal: encode(this.seasonal),
      constant: encode(this.constant),
    };
  }

  restore(state: unknown): void {
    const s = state as { errors: unknown; values: unknown; scale: string; seasonal: string; constant: string };
    this.errors.restore(s.errors);
    this.values.restore(s.values);
    this.scale = Number(s.scale);
    decodeInto(this.seasonal, s.seasonal);
    decodeInto(this.constant, s.constant);
  }
}
