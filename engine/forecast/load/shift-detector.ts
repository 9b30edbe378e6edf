import { decodeInto, encode } from "../doubles.ts";

/** Deviations that are allowed for, and those that must have come together; one counts as at most so many. */
const ALLOWANCE = 0.75;
const ALARM = 9;
const MOST = 3;
/** Least ticks from the beginning of a shift to its being believed, and those that are looked back on. */
const LEAST_TICKS = 6;
const WINDOW = 128;
/** Least change that is believed, once a season is known to compare with and before. */
const LEAST_CHANGE = 0.1;
const LEAST_CHANGE_AT_FIRST = 0.25;
/** What the error must shrink to when the change is allowed for. */
const BETTER = 0.6;

/**
 * Notices that values have come to differ from what was expected by a factor, at once and for good: two-sided cumulative sums of
 * the error in units of its usual size (Page, Continuous Inspection Schemes, Biometrika 1954). An alarm is believed when a factor explains
 * most of the error since it began, and when the same hours of the season before did not differ in the same way: what comes daily is
 * no change.
 */
export class ShiftDetector {
  private readonly season: number;
  private up = 0;
  private down = 0;
  private upSince = 0;
  private downSince = 0;
  private readonly values = new Float64Array(WINDOW).fill(Number.NaN);
  private readonly expected = new Float64Array(WINDOW).fill(Number.NaN);
  /** Value over expected, of the last season. */
  private readonly ratios: Float64Array;

  constructor(season: number) {
    this.season = season;
    this.ratios = new Float64Array(season + WINDOW).fill(Number.NaN);
  }

  /** A tick of which nothing is known. */
  skip(tick: number): void {
    this.values[tick % WINDOW] = Number.NaN;
    this.expected[tick % WINDOW] = Number.NaN;
    this.ratios[tick % this.ratios.length] = Number.NaN;
  }

  /** @returns the factor of a change that is believed now, and the tick that it began at */
  update(
    tick: number,
    value: number,
    expected: number,
    scale: number,
  ): { readonly factor: number; readonly since: number } | undefined {
    this.values[tick % WINDOW] = value;
    this.expected[tick % WINDOW] = expected;
    this.ratios[tick % this.ratios.length] = value / expected;
    const deviation = Math.max(-MOST, Math.min(MOST, (value - expected) / Math.max(scale, 1e-3 * expected, 1e-300)));
    if (this.up === 0) this.upSince = tick;
    if (this.down === 0) this.downSince = tick;
    this.up = Math.max(0, this.up + deviation - ALLOWANCE);
    this.down = Math.max(0, this.down - deviation - ALLOWANCE);
    const rising = this.up >= this.down;
    const since = Math.max(rising ? this.upSince : this.downSince, tick - WINDOW + 1);
    if (Math.max(this.up, this.down) < ALARM || tick - since + 1 < LEAST_TICKS) return undefined;
    const factor = this.factorSince(since, tick);
    if (factor === undefined && tick - since + 1 < WINDOW / 2) return undefined;
    this.up = 0;
    this.down = 0;
    return factor === undefined ? undefined : { factor, since };
  }

  private factorSince(since: number, tick: number): number | undefined {
    const ratios: number[] = [];
    const seasonAgo: number[] = [];
    for (let t = since; t <= tick; t++) {
      const value = this.values[t % WINDOW];
      if (!Number.isNaN(value)) ratios.push(value / this.expected[t % WINDOW]);
      const then = t >= this.season ? this.ratios[(t - this.season) % this.ratios.length] : Number.NaN;
      if (!Number.isNaN(then)) seasonAgo.push(then);
    }
    // Medians throughout: one mad tick is no change, neither now nor a season ago.
    const factor = median(ratios);
    if (!(factor > 1e-6 && factor < 1e6)) return undefined;
    const before = median(ratios.map((ratio) => Math.abs(ratio - 1)));
    const after = median(ratios.map((ratio) => Math.abs(ratio - factor)));
    const usual = seasonAgo.length > 0 ? median(seasonAgo) : 1;
    const change = Math.min(Math.abs(factor - 1), Math.abs(factor / usual - 1));
    const least = seasonAgo.length > 0 ? LEAST_CHANGE : LEAST_CHANGE_AT_FIRST;
    return after < BETTER * before && change > least ? factor : undefined;
  }

  snapshot(): unknown {
    const { up, down, upSince, downSince } = this;
    const [values, expected, ratios] = [this.values, this.expected, this.ratios].map(encode);
    return { up, down, upSince, downSince, values, expected, ratios };
  }

  restore(state: unknown): void {
    const s = state as Record<"up" | "down" | "upSince" | "downSince", number> &
      Record<"values" | "expected" | "ratios", string>;
    this.up = s.up;
    this.down = s.down;
    this.upSince = s.upSince;
    this.downSince = s.downSince;
    decodeInto(this.values, s.values);
    decodeInto(this.expected, s.expected);
    decodeInto(this.ratios, s.ratios);
  }
}

function median(values: number[]): number {
  return values.length === 0 ? Number.NaN : values.sort((a, b) => a - b)[values.length >> 1];
}
