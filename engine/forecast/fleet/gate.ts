import type { Evidence } from "../forecast.port.ts";
import { type FleetBars, pinballs } from "./bars.ts";
import type { FleetCalibration } from "./calibration.ts";
import type { FleetHistory } from "./history.ts";
import type { FleetShape } from "./shape.ts";
import type { Tables } from "./tables.ts";

/** Seasons after which a loss counts half. */
const HALF_LIFE = 3;
/** Seasons of history under which nothing is trusted, of scored forecasts, and before which nothing is scored. */
const LEAST_HISTORY = 2;
const LEAST_SCORED = 0.5;
const SCORED_FROM = 1.5;
/** Least advantage over a constant, and t-values, to be trusted and to stay so. */
const ENTER = { margin: 0.03, t: 2 };
const STAY = { margin: 0.01, t: 0.5 };
/** Times the claimed share that a quantile may be missed, beyond what chance explains. */
const MISSES = 1.5;
/** Rows of a batch: three losses and their count. Rows that are kept: as in `RollingLosses`. */
const BATCH = 4;
const KEPT = 7;

/**
 * The skill gate of `SkillGate` for all series at once: at each anchor within a series' decisive ticks the forecasts must beat seasonal
 * naive and a constant on mean pinball loss, significantly, and each upper quantile must cover what it claims. Decided once an hour
 * of the season. Quantiles are judged as they stand when the target comes: they move by hundredths of a scale while a forecast waits.
 */
export class FleetGate {
  private readonly shape: FleetShape;
  private readonly columns: number;
  /** Of the levels, in `coverage`. */
  private readonly names: readonly string[];
  private readonly history: FleetHistory;
  private readonly calibration: FleetCalibration;
  private readonly bars: FleetBars;
  /** Anchors, from the first on, that count for a series. */
  private readonly decisive: Float32Array;
  private readonly trusted: Float32Array;
  private readonly changedAt: Float64Array;
  private readonly samples: Float64Array;
  private readonly batch: Float32Array;
  private readonly rolling: Float32Array;
  private readonly weights: Float32Array;
  private readonly covered: Float32Array;
  private readonly coveredWeight: Float32Array;
  private readonly loss: Float64Array;

  /** `decisive`, per column: anchors, from the first on, that count. */
  constructor(
    shape: FleetShape,
    tables: Tables,
    parts: {
      readonly history: FleetHistory;
      readonly calibration: FleetCalibration;
      readonly bars: FleetBars;
      readonly decisive: Float32Array;
    },
  ) {
    const anchors = shape.anchors.length;
    this.shape = shape;
    this.columns = tables.columns;
    this.names = shape.levels.map(String);
    this.history = parts.history;
    this.calibration = parts.calibration;
    this.bars = parts.bars;
    this.decisive = parts.decisive;
    this.trusted = tables.floats("gate trusted", 1);
    this.changedAt = tables.doubles("gate trust changed at", 1);
    this.samples = tables.doubles("gate samples", 1);
    this.batch = tables.floats("gate batch", BATCH * anchors);
    this.rolling = tables.floats("gate losses", KEPT * anchors);
    this.weights = tables.floats("gate loss weights", 2);
    this.covered = tables.floats("gate covered", anchors * shape.levels.length);
    this.coveredWeight = tables.floats("gate coverage weight", anchors);
    this.loss = new Float64Array(tables.columns);
  }

  /** Scores what the calibration has read as due at an anchor, before it learns from it. */
  score(tick: number, a: number, lo: number, hi: number): void {
    const { shape, columns, batch, samples, history, bars, loss, covered, coveredWeight } = this;
    const { levels, season, strides } = shape;
    pinballs(levels, this.calibration, a, columns, loss, lo, hi);
    const { error, issuedScale, quantiles } = this.calibration;
    const keep = Math.exp((-Math.LN2 * strides[a]) / (HALF_LIFE * season));
    const from = SCORED_FROM * season;
    const at = BATCH * a * columns;
    for (let i = lo; i < hi; i++) {
      if (Number.isNaN(loss[i]) || tick - history.first[i] < from) continue;
      coveredWeight[a * columns + i] = keep * coveredWeight[a * columns + i] + 1;
      for (let l = 0, row = a * levels.length * columns + i; l < levels.length; l++, row += columns)
        covered[row] = keep * covered[row] + (error[i] <= issuedScale[i] * quantiles[row] ? 1 : 0);
      if (Number.isNaN(bars.seasonal[i]) || Number.isNaN(bars.constant[i])) continue;
      if (a === 0) samples[i]++;
      batch[at + i] += loss[i];
      batch[at + columns + i] += bars.seasonal[i];
      batch[at + 2 * columns + i] += bars.constant[i];
      batch[at + 3 * columns + i]++;
    }
  }

  /** Once an hour of the season the batch is closed and trust is decided. */
  close(tick: number, lo: number, hi: number): void {
    if ((tick + 1) % this.shape.hour !== 0) return;
    const { trusted, changedAt } = this;
    for (let i = lo; i < hi; i++) {
      this.closeBatch(i);
      const now = this.refusal(i) === undefined ? 1 : 0;
      if (now !== trusted[i]) changedAt[i] = tick + 1;
      trusted[i] = now;
    }
  }

  private closeBatch(i: number): void {
    const { shape, columns, batch, rolling, weights, decisive } = this;
    const keep = Math.exp((-Math.LN2 * shape.hour) / (HALF_LIFE * shape.season));
    for (let a = 0; a < decisive[i]; a++) if (batch[(BATCH * a + 3) * columns + i] === 0) return;
    weights[i] = keep * weights[i] + 1;
    weights[columns + i] = keep * keep * weights[columns + i] + 1;
    for (let a = 0; a < shape.anchors.length; a++) {
      const at = BATCH * a * columns + i;
      const count = batch[at + 3 * columns];
      if (count === 0) continue;
      const ours = batch[at] / count;
      const seasonal = batch[at + columns] / count;
      const constant = batch[at + 2 * columns] / count;
      const [overSeasonal, overConstant] = [seasonal - ours, constant - ours];
      const row = KEPT * a * columns + i;
      const add = (k: number, value: number) => {
        rolling[row + k * columns] = keep * rolling[row + k * columns] + value;
      };
      add(0, ours);
      add(1, seasonal);
      add(2, constant);
      add(3, overSeasonal);
      add(4, overSeasonal * overSeasonal);
      add(5, overConstant);
      add(6, overConstant * overConstant);
      for (let k = 0; k < BATCH; k++) batch[at + k * columns] = 0;
    }
  }

  /** 1 − loss / loss of the bar (0: seasonal naive, 1: a constant) at the worst decisive anchor; NaN before a batch is closed. */
  private skill(i: number, bar: 0 | 1): number {
    const { columns, rolling, weights, decisive } = this;
    let worst = Number.NaN;
    if (weights[i] === 0) return worst;
    for (let a = 0; a < decisive[i]; a++) {
      const loss = rolling[(KEPT * a + 1 + bar) * columns + i];
      const skill = loss > 0 ? 1 - rolling[KEPT * a * columns + i] / loss : 0;
      if (!(skill >= worst)) worst = skill;
    }
    return worst;
  }

  /** The t-value of the bar's loss less the forecast's at the worst decisive anchor, from batch means (Diebold and Mariano 1995). */
  private significance(i: number, bar: 0 | 1): number {
    const { columns, rolling, weights, decisive } = this;
    const weight = weights[i];
    if (weight === 0) return 0;
    const squares = weights[columns + i];
    let worst = Number.POSITIVE_INFINITY;
    for (let a = 0; a < decisive[i]; a++) {
      const mean = rolling[(KEPT * a + 3 + 2 * bar) * columns + i] / weight;
      const square = rolling[(KEPT * a + 4 + 2 * bar) * columns + i] / weight;
      const variance = Math.max(0, square - mean * mean);
      const t = variance > 0 ? mean / Math.sqrt((variance * squares) / (weight * weight)) : 0;
      if (t < worst) worst = t;
    }
    return worst;
  }

  private coverage(i: number, a: number, l: number): number {
    return (
      this.covered[(a * this.shape.levels.length + l) * this.columns + i] / this.coveredWeight[a * this.columns + i]
    );
  }

  /** The first upper level that is missed significantly more often than it may be, as a text. */
  private undercovered(i: number): string | undefined {
    const { levels, anchors, strides, hour } = this.shape;
    for (let l = 0; l < levels.length; l++) {
      if (levels[l] <= 0.5) continue;
      const misses = 1 - levels[l];
      for (let a = 0; a < this.decisive[i]; a++) {
        const weight = this.coveredWeight[a * this.columns + i];
        if (weight === 0) continue;
        const share = this.coverage(i, a, l);
        const run = Math.max(anchors[a], hour / 4) / strides[a];
        const independent = Math.max(1, weight / Math.max(1, run));
        if (1 - share > MISSES * misses + 2 * Math.sqrt((misses * levels[l]) / independent))
          return `the ${levels[l]} quantile covers ${percent(share)} at ${anchors[a]} ticks ahead`;
      }
    }
    return undefined;
  }

  /** Why the forecasts of a column may not drive actions; `undefined` where they may. Told in the words of `SkillGate`. */
  private refusal(i: number): string | undefined {
    const { history, shape } = this;
    const days = history.measured[i] / shape.season;
    if (days < LEAST_HISTORY)
      return `cold start: ${days.toFixed(1)} days of history, at least ${LEAST_HISTORY} are needed`;
    if (history.missing[i] > shape.hour / 2)
      return `measurements are missing: ${history.missing[i]} of the last ${shape.hour} ticks`;
    const least = Math.ceil(LEAST_SCORED * shape.season);
    if (this.samples[i] < least) return `too few forecasts scored: ${this.samples[i]}, at least ${least} are needed`;
    const bound = this.trusted[i] > 0 ? STAY : ENTER;
    const skill = this.skill(i, 0);
    if (!(skill > 0 && this.significance(i, 0) > bound.t))
      return `no skill over seasonal naive: ${percent(skill)} at the worst decisive horizon`;
    const overConstant = this.skill(i, 1);
    if (!(overConstant > bound.margin && this.significance(i, 1) > bound.t))
      return `no skill over a constant: ${percent(overConstant)} at the worst decisive horizon`;
    return this.undercovered(i);
  }

  isTrusted(column: number): boolean {
    return this.trusted[column] > 0;
  }

  evidence(i: number): Evidence {
    const { shape, history } = this;
    const skill = this.skill(i, 0);
    const trusted = this.trusted[i] > 0;
    return {
      trusted,
      reason: trusted
        ? `${percent(skill)} less loss than seasonal naive`
        : (this.refusal(i) ?? "good enough as of now: trusted from the next check on"),
      samples: this.samples[i],
      skill,
      coverage: this.shares(i),
      historyDays: history.measured[i] / shape.season,
      since: Math.max(this.changedAt[i], history.first[i]) * shape.step,
    };
  }

  private shares(i: number): Record<string, number> {
    const { levels } = this.shape;
    const decisive = this.decisive[i];
    let weight = 0;
    for (let a = 0; a < decisive; a++) weight += this.coveredWeight[a * this.columns + i];
    const shares: Record<string, number> = {};
    for (let l = 0; l < levels.length; l++) {
      let sum = 0;
      for (let a = 0; a < decisive; a++) sum += this.covered[(a * levels.length + l) * this.columns + i];
      shares[this.names[l]] = weight > 0 ? sum / weight : Number.NaN;
    }
    return shares;
  }
}

function percent(share: number): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : "unknown";
}
