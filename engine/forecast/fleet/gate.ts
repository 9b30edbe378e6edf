import type { Evidence, HorizonEvidence } from "../forecast.port.ts";
import { evidenceOf, type HorizonRecord, horizonEvidence, refusalOf, type SeriesRecord } from "../skill-rule.ts";
import { type FleetBars, pinballs } from "./bars.ts";
import type { FleetCalibration } from "./calibration.ts";
import type { FleetHistory } from "./history.ts";
import type { FleetShape } from "./shape.ts";
import type { Tables } from "./tables.ts";

/** Seasons after which a loss counts half. */
const HALF_LIFE = 3;
/** Seasons before which nothing is scored. */
const SCORED_FROM = 1.5;
/** Rows of a batch: three losses and their count. Rows that are kept: as in `RollingLosses`. */
const BATCH = 4;
const KEPT = 7;

/**
 * The skill gate of `SkillGate` for all series at once, at each anchor within a series' decisive ticks, by the same rule. Decided once an hour
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
  /** Anchors, from the first on, that count for a series, and the levels that are judged, bit by bit. */
  private readonly decisive: Float32Array;
  private readonly judged: Float32Array;
  private readonly trusted: Float32Array;
  private readonly changedAt: Float64Array;
  private readonly samples: Float32Array;
  private readonly batch: Float32Array;
  private readonly rolling: Float32Array;
  private readonly weights: Float32Array;
  private readonly covered: Float32Array;
  private readonly coveredWeight: Float32Array;
  private readonly loss: Float64Array;

  /** `decisive`, per column: anchors, from the first on, that count. `judged`: the levels that have to cover what they claim, as `levelsOf` gives them. */
  constructor(
    shape: FleetShape,
    tables: Tables,
    parts: {
      readonly history: FleetHistory;
      readonly calibration: FleetCalibration;
      readonly bars: FleetBars;
      readonly decisive: Float32Array;
      readonly judged: Float32Array;
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
    this.judged = parts.judged;
    this.trusted = tables.floats("gate trusted", anchors);
    this.changedAt = tables.doubles("gate trust changed at", anchors);
    this.samples = tables.floats("gate samples", anchors);
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
      samples[a * columns + i]++;
      batch[at + i] += loss[i];
      batch[at + columns + i] += bars.seasonal[i];
      batch[at + 2 * columns + i] += bars.constant[i];
      batch[at + 3 * columns + i]++;
    }
  }

  /** Once an hour of the season the batch is closed and trust is decided. */
  close(tick: number, lo: number, hi: number): void {
    if ((tick + 1) % this.shape.hour !== 0) return;
    const { trusted, changedAt, columns, decisive } = this;
    for (let i = lo; i < hi; i++) {
      this.closeBatch(i);
      const series = this.record(i);
      for (let a = 0, at = i; a < decisive[i]; a++, at += columns) {
        const now = refusalOf(series, this.horizon(i, a)) === undefined ? 1 : 0;
        if (now !== trusted[at]) changedAt[at] = tick + 1;
        trusted[at] = now;
      }
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

  private record(i: number): SeriesRecord {
    const { history, shape } = this;
    const { season, hour } = shape;
    return { measured: history.measured[i], missing: history.missing[i], season, hour };
  }

  private horizon(i: number, a: number): HorizonRecord {
    const { shape, columns, trusted, samples } = this;
    return {
      ahead: shape.anchors[a],
      trusted: trusted[a * columns + i] > 0,
      samples: samples[a * columns + i],
      skill: [this.skill(i, a, 0), this.skill(i, a, 1)],
      significance: [this.significance(i, a, 0), this.significance(i, a, 1)],
      quantiles: this.quantilesOf(i, a),
    };
  }

  /** 1 − loss / loss of the bar (0: seasonal naive, 1: a constant) at an anchor; NaN before a batch is closed. */
  private skill(i: number, a: number, bar: 0 | 1): number {
    const { columns, rolling, weights } = this;
    if (weights[i] === 0) return Number.NaN;
    const loss = rolling[(KEPT * a + 1 + bar) * columns + i];
    return loss > 0 ? 1 - rolling[KEPT * a * columns + i] / loss : 0;
  }

  /** The t-value of the bar's loss less the forecast's at an anchor, from batch means (Diebold and Mariano 1995). */
  private significance(i: number, a: number, bar: 0 | 1): number {
    const { columns, rolling, weights } = this;
    const weight = weights[i];
    if (weight === 0) return 0;
    const squares = weights[columns + i];
    const mean = rolling[(KEPT * a + 3 + 2 * bar) * columns + i] / weight;
    const square = rolling[(KEPT * a + 4 + 2 * bar) * columns + i] / weight;
    const variance = Math.max(0, square - mean * mean);
    return variance > 0 ? mean / Math.sqrt((variance * squares) / (weight * weight)) : 0;
  }

  private quantilesOf(i: number, a: number): HorizonRecord["quantiles"] {
    const { columns, shape, judged, covered } = this;
    const { levels, anchors, strides, hour } = shape;
    const weight = this.coveredWeight[a * columns + i];
    if (weight === 0) return [];
    const run = Math.max(anchors[a], hour / 4) / strides[a];
    const independent = Math.max(1, weight / Math.max(1, run));
    const quantiles: { level: number; share: number; independent: number }[] = [];
    for (let l = 0; l < levels.length; l++)
      if ((judged[i] >> l) & 1)
        quantiles.push({
          level: levels[l],
          share: covered[(a * levels.length + l) * columns + i] / weight,
          independent,
        });
    return quantiles;
  }

  evidence(i: number): Evidence {
    const { shape, history, columns, changedAt } = this;
    const series = this.record(i);
    const horizons: HorizonEvidence[] = [];
    for (let a = 0; a < this.decisive[i]; a++) {
      const since = Math.max(changedAt[a * columns + i], history.first[i]) * shape.step;
      horizons.push(horizonEvidence(series, this.horizon(i, a), since));
    }
    return evidenceOf(series, horizons, this.shares(i));
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

/** The tracked levels that are judged where decisions act on these: those on both sides of each, bit by bit. */
export function levelsOf({ levels: tracked }: FleetShape, decisive: readonly number[]): number {
  let bits = 0;
  for (const level of decisive) {
    const above = tracked.findIndex((one) => one >= level);
    const beyond = above < 0 ? tracked.length - 1 : above;
    bits |= 1 << beyond;
    if (tracked[beyond] !== level && beyond > 0) bits |= 1 << (beyond - 1);
  }
  return bits;
}
