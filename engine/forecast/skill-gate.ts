import { Conformal } from "./conformal.ts";
import { decodeInto, encode } from "./doubles.ts";
import type { Evidence } from "./forecast.port.ts";
import type { History } from "./history.ts";
import { Pending } from "./pending.ts";
import { SortedWindow } from "./sorted-window.ts";

/** Seasons after which a loss counts half. */
const HALF_LIFE = 3;
/** Seasons of history, and of scored forecasts, under which nothing is trusted. */
const LEAST_HISTORY = 2;
const LEAST_SCORED = 0.5;
/** Seasons before which nothing is scored: the models are not yet what they will be. */
const SCORED_FROM = 1.5;
/** Times the claimed share that a quantile may be missed, beyond what chance explains. */
const MISSES = 1.5;
/** Least advantage over a constant, and t-values, to be trusted and to stay so: two thresholds, so that trust does not flicker. */
const ENTER = { margin: 0.03, t: 2 };
const STAY = { margin: 0.01, t: 0.5 };

/**
 * Decides whether the forecasts of a series may drive actions. At every decisive horizon they must beat two bars on mean
 * pinball loss over the levels, significantly: seasonal naive, and the quantiles of what came lately ("a constant"). White
 * noise beats the first, since a mean is better than yesterday's value, and never the second. And each quantile must cover what it claims.
 * Pinball loss: Koenker and Bassett 1978; comparison by batch means of the loss difference: Diebold and Mariano 1995.
 */
export class SkillGate {
  private readonly history: History;
  private readonly levels: readonly number[];
  private readonly horizons: readonly number[];
  private readonly batch: number;
  private readonly keep: number;
  private readonly keepTick: number;
  /** Quantiles issued, per level. */
  private readonly issued: Pending[];
  private readonly seasonal: Conformal;
  private readonly recent: SortedWindow;
  /** Quantiles of the two bars, issued for the next tick, per level. */
  private readonly seasonalNext: Float64Array;
  private readonly constantNext: Float64Array;
  private seasonalScale = Number.NaN;
  /** Per horizon in the batch: loss of the forecast, of seasonal naive, of the constant, count. */
  private readonly sums: Float64Array;
  /** Per horizon, forgetting: loss of the three, mean and mean square of the two differences. */
  private readonly rolling: Float64Array;
  private batches = 0;
  private effective = 0;
  private effectiveSquares = 0;
  /** Per horizon and level, forgetting: share at or below. */
  private readonly covered: Float64Array;
  private readonly coveredWeight: Float64Array;
  private samples = 0;
  private trusted = false;

  /** @param horizons the decisive ones, each less than a season */
  constructor(history: History, horizons: readonly number[], levels: readonly number[]) {
    const { season } = history;
    this.history = history;
    this.levels = levels;
    this.horizons = horizons;
    this.batch = Math.max(1, Math.round(season / 24));
    this.keep = Math.exp((-Math.LN2 * this.batch) / (HALF_LIFE * season));
    this.keepTick = Math.exp(-Math.LN2 / (HALF_LIFE * season));
    this.issued = levels.map(() => new Pending(horizons));
    this.seasonal = new Conformal(season, 1);
    this.recent = new SortedWindow(3 * season);
    this.seasonalNext = new Float64Array(levels.length).fill(Number.NaN);
    this.constantNext = new Float64Array(levels.length).fill(Number.NaN);
    this.sums = new Float64Array(4 * horizons.length);
    this.rolling = new Float64Array(7 * horizons.length);
    this.covered = new Float64Array(horizons.length * levels.length);
    this.coveredWeight = new Float64Array(horizons.length);
  }

  /** Scores what was issued for `tick`. The history has already taken the value. */
  score(tick: number, value: number): void {
    const bars = !Number.isNaN(this.seasonalNext[0]) && !Number.isNaN(this.constantNext[0]);
    if (!Number.isNaN(value) && tick >= SCORED_FROM * this.history.season) {
      for (let k = 0; k < this.horizons.length; k++) this.scoreHorizon(k, tick, value, bars);
    }
    this.scoreBars(tick, value);
    if ((tick + 1) % this.batch === 0) {
      this.closeBatch();
      this.decide();
    }
  }

  private scoreHorizon(k: number, tick: number, value: number, bars: boolean): void {
    const { levels } = this;
    const first = this.issued[0].due(k, tick);
    if (Number.isNaN(first)) return;
    let ours = 0;
    let seasonal = 0;
    let constant = 0;
    this.coveredWeight[k] = this.keepTick * this.coveredWeight[k] + 1;
    for (let l = 0; l < levels.length; l++) {
      const quantile = this.issued[l].due(k, tick);
      const at = k * levels.length + l;
      this.covered[at] = this.keepTick * this.covered[at] + (value <= quantile ? 1 : 0);
      ours += pinball(levels[l], value, quantile);
      seasonal += pinball(levels[l], value, this.seasonalNext[l]);
      constant += pinball(levels[l], value, this.constantNext[l]);
    }
    if (!bars) return;
    if (k === 0) this.samples++;
    this.sums[4 * k] += ours;
    this.sums[4 * k + 1] += seasonal;
    this.sums[4 * k + 2] += constant;
    this.sums[4 * k + 3]++;
  }

  /** Moves the bars on: what they would have issued for the next tick. */
  private scoreBars(tick: number, value: number): void {
    const { history, levels } = this;
    const { season } = history;
    const before = tick - season;
    const known = !Number.isNaN(value) && before >= 0 && !history.isGap(before);
    this.seasonal.update(known ? value - history.at(before) : Number.NaN, this.seasonalScale);
    if (!Number.isNaN(value)) this.recent.push(value);
    this.seasonalScale = before >= -1 ? this.seasonal.scale(0.001 * history.greatest() + 1e-12) : Number.NaN;
    for (let l = 0; l < levels.length; l++) {
      const last = before + 1 >= 0 ? history.at(before + 1) : Number.NaN;
      this.seasonalNext[l] = Math.max(0, last + this.seasonalScale * this.seasonal.quantile(levels[l]));
      this.constantNext[l] = this.recent.count > 0 ? this.recent.quantile(levels[l]) : Number.NaN;
    }
  }

  private closeBatch(): void {
    const { sums, rolling, keep } = this;
    if (!(sums[3] > 0)) return;
    this.batches++;
    this.effective = keep * this.effective + 1;
    this.effectiveSquares = keep * keep * this.effectiveSquares + 1;
    for (let k = 0; k < this.horizons.length; k++) {
      const count = sums[4 * k + 3];
      if (count > 0) {
        const ours = sums[4 * k] / count;
        const seasonal = sums[4 * k + 1] / count;
        const constant = sums[4 * k + 2] / count;
        const next = [
          ours,
          seasonal,
          constant,
          seasonal - ours,
          (seasonal - ours) * (seasonal - ours),
          constant - ours,
          (constant - ours) * (constant - ours),
        ];
        for (let i = 0; i < 7; i++) rolling[7 * k + i] = keep * rolling[7 * k + i] + next[i];
      }
    }
    sums.fill(0);
  }

  /** Records what is issued at the end of `tick` for the decisive horizons. */
  issue(tick: number, values: readonly Float64Array[]): void {
    for (let l = 0; l < this.levels.length; l++)
      for (let k = 0; k < this.horizons.length; k++) this.issued[l].put(k, tick, values[l][k]);
  }

  /** 1 − loss / loss of the bar, the worst horizon: against seasonal naive (1) or the constant (2). NaN without a sample. */
  private skill(bar: 1 | 2): number {
    let worst = Number.NaN;
    for (let k = 0; k < this.horizons.length; k++) {
      const ours = this.rolling[7 * k];
      const loss = this.rolling[7 * k + bar];
      if (this.effective === 0) continue;
      const skill = loss > 0 ? 1 - ours / loss : 0;
      if (!(skill >= worst)) worst = skill;
    }
    return worst;
  }

  /** The least t-value of the loss difference over the horizons. */
  private significance(bar: 1 | 2): number {
    let worst = Number.POSITIVE_INFINITY;
    const count = this.effectiveSquares > 0 ? (this.effective * this.effective) / this.effectiveSquares : 0;
    for (let k = 0; k < this.horizons.length; k++) {
      const mean = this.rolling[7 * k + 1 + 2 * bar] / this.effective;
      const square = this.rolling[7 * k + 2 + 2 * bar] / this.effective;
      const variance = Math.max(0, square - mean * mean);
      const t = variance > 0 ? mean / Math.sqrt(variance / count) : 0;
      if (!(t >= worst)) worst = t;
    }
    return worst;
  }

  private coverage(l: number): number {
    let sum = 0;
    let weight = 0;
    for (let k = 0; k < this.horizons.length; k++) {
      sum += this.covered[k * this.levels.length + l];
      weight += this.coveredWeight[k];
    }
    return weight > 0 ? sum / weight : Number.NaN;
  }

  /**
   * The first upper level that is missed significantly more than half as often again as it claims, at some horizon.
   * Misses come in runs, at least as long as the horizon or a quarter of an hour of a day.
   */
  private undercovered(): { level: number; horizon: number; share: number } | undefined {
    for (let l = 0; l < this.levels.length; l++) {
      const level = this.levels[l];
      if (level <= 0.5) continue;
      for (let k = 0; k < this.horizons.length; k++) {
        const weight = this.coveredWeight[k];
        if (weight === 0) continue;
        const share = this.covered[k * this.levels.length + l] / weight;
        const runs = Math.max(1, weight / Math.max(this.horizons[k], this.batch / 4));
        const misses = 1 - level;
        if (1 - share > MISSES * misses + 2 * Math.sqrt((misses * level) / runs))
          return { level, horizon: this.horizons[k], share };
      }
    }
    return undefined;
  }

  private decide(): void {
    this.trusted = this.refusal() === undefined;
  }

  /** Why the forecasts may not drive actions; `undefined` where they may. */
  private refusal(): string | undefined {
    const { history } = this;
    const days = history.measured / history.season;
    if (days < LEAST_HISTORY)
      return `cold start: ${days.toFixed(1)} days of history, at least ${LEAST_HISTORY} are needed`;
    const missing = this.missingLately();
    if (missing > this.batch / 2) return `measurements are missing: ${missing} of the last ${this.batch} ticks`;
    if (this.samples < LEAST_SCORED * history.season)
      return `too few forecasts scored: ${this.samples}, at least ${Math.ceil(LEAST_SCORED * history.season)} are needed`;
    const bound = this.trusted ? STAY : ENTER;
    const skill = this.skill(1);
    if (!(skill > 0 && this.significance(1) > bound.t))
      return `no skill over seasonal naive: ${percent(skill)} at the worst decisive horizon`;
    const overConstant = this.skill(2);
    if (!(overConstant > bound.margin && this.significance(2) > bound.t))
      return `no skill over a constant: ${percent(overConstant)} at the worst decisive horizon`;
    const under = this.undercovered();
    if (under) return `the ${under.level} quantile covers ${percent(under.share)} at ${under.horizon} ticks ahead`;
    return undefined;
  }

  private missingLately(): number {
    let missing = 0;
    const { history } = this;
    for (let i = 1; i <= Math.min(this.batch, history.ticks); i++) if (history.isGap(history.ticks - i)) missing++;
    return missing;
  }

  evidence(): Evidence {
    const skill = this.effective > 0 ? this.skill(1) : Number.NaN;
    const refusal = this.trusted ? undefined : this.refusal();
    const coverage: Record<string, number> = {};
    this.levels.forEach((level, l) => {
      coverage[String(level)] = this.coverage(l);
    });
    return {
      trusted: this.trusted,
      reason:
        refusal ?? (this.trusted ? `${percent(skill)} less loss than seasonal naive` : "waits for the next check"),
      samples: this.samples,
      skill,
      coverage,
      historyDays: this.history.measured / this.history.season,
    };
  }

  snapshot(): unknown {
    return {
      issued: this.issued.map((p) => p.snapshot()),
      seasonal: this.seasonal.snapshot(),
      recent: this.recent.snapshot(),
      seasonalScale: String(this.seasonalScale),
      counts: [this.batches, this.effective, this.effectiveSquares, this.samples, this.trusted ? 1 : 0],
      arrays: this.arrays().map(encode),
    };
  }

  restore(state: unknown): void {
    const s = state as {
      issued: unknown[];
      seasonal: unknown;
      recent: unknown;
      seasonalScale: string;
      counts: number[];
      arrays: string[];
    };
    this.issued.forEach((p, l) => {
      p.restore(s.issued[l]);
    });
    this.seasonal.restore(s.seasonal);
    this.recent.restore(s.recent);
    this.seasonalScale = Number(s.seasonalScale);
    [this.batches, this.effective, this.effectiveSquares, this.samples] = s.counts;
    this.trusted = s.counts[4] === 1;
    this.arrays().forEach((array, i) => {
      decodeInto(array, s.arrays[i]);
    });
  }

  private arrays(): Float64Array[] {
    return [this.seasonalNext, this.constantNext, this.sums, this.rolling, this.covered, this.coveredWeight];
  }
}

function pinball(level: number, value: number, quantile: number): number {
  const over = value - quantile;
  return over >= 0 ? level * over : (level - 1) * over;
}

function percent(share: number): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : "unknown";
}
