import type { Evidence } from "../forecast.port.ts";
import { FleetAutoregression, HALF_LIVES } from "./autoregression.ts";
import { FleetBars } from "./bars.ts";
import { FleetCalibration } from "./calibration.ts";
import { FAST_MODELS, FastModels } from "./fast-models.ts";
import { FleetGate } from "./gate.ts";
import { FleetHistory } from "./history.ts";
import { FleetProfile } from "./profile.ts";
import type { FleetShape } from "./shape.ts";
import type { Tables } from "./tables.ts";
import { FleetWeights } from "./weights.ts";

/** No forecast says more than so many times the greatest value of late. */
const MOST_GROWTH = 4;

/** `fast`: the profile models, in less than half the memory. `balanced`: those and the seasonal autoregressions. */
export type FleetTier = "fast" | "balanced";

interface Regressions {
  readonly models: FleetAutoregression;
  readonly weights: FleetWeights;
}

/** The forecasts of some hundred series at once: `step` takes a tick of all of them and issues forecasts at its end. */
export class FleetShard {
  readonly shape: FleetShape;
  readonly tables: Tables;
  readonly tier: FleetTier;
  readonly history: FleetHistory;
  readonly profile: FleetProfile;
  /** What the forecasts are read from. */
  readonly calibration: FleetCalibration;
  /** Per column: anchors, from the first on, that evidence is taken over. */
  readonly decisive: Float32Array;
  private readonly fast: FastModels;
  private readonly bars: FleetBars;
  private readonly weights: FleetWeights;
  private readonly gate: FleetGate;
  private readonly regressions: Regressions | undefined;
  private readonly usual: Float64Array;
  private readonly fillings: Float64Array;
  private readonly ahead: Float64Array;
  private readonly before: Float64Array;
  /** By anchor, what is about to be issued. */
  private readonly points: readonly Float64Array[];

  constructor(shape: FleetShape, tables: Tables, tier: FleetTier = "balanced") {
    this.shape = shape;
    this.tables = tables;
    this.tier = tier;
    this.history = new FleetHistory(shape, tables, FleetAutoregression.reach(shape));
    this.profile = new FleetProfile(shape, tables, this.history);
    this.decisive = tables.floats("decisive", 1, 1);
    this.fast = new FastModels(shape, tables, this.history);
    this.bars = new FleetBars(shape, tables, this.history);
    this.weights = new FleetWeights(shape, tables, "fast", FAST_MODELS.length);
    this.calibration = new FleetCalibration(shape, tables, "forecast");
    const { history, calibration, bars, decisive } = this;
    this.gate = new FleetGate(shape, tables, { history, calibration, bars, decisive });
    if (tier === "balanced")
      this.regressions = {
        models: new FleetAutoregression(shape, tables, history, this.profile),
        weights: new FleetWeights(shape, tables, "regression", HALF_LIVES.length, this.weights),
      };
    const { columns } = tables;
    this.usual = new Float64Array(columns);
    this.fillings = new Float64Array(columns);
    this.ahead = new Float64Array(columns);
    this.before = new Float64Array(columns);
    this.points = shape.anchors.map(() => new Float64Array(columns));
  }

  /** Takes the values of a tick for the columns `lo` to `hi`, that of `lo` first, and issues forecasts at its end. */
  step(tick: number, values: Float64Array, lo: number, hi: number): void {
    const { shape, history, profile, fast, bars, calibration, gate, usual, fillings } = this;
    profile.read(tick, usual, lo, hi);
    fast.fillings(usual, fillings, lo, hi);
    history.step(tick, values, fillings, lo, hi);
    bars.step(tick, lo, hi);
    for (let a = 0; a < shape.anchors.length; a++) {
      const issued = tick - shape.anchors[a];
      if (issued < 0 || issued % shape.strides[a] !== 0) continue;
      this.scoreModels(tick, a, lo, hi);
      calibration.due(tick, a, history.current, lo, hi);
      gate.score(tick, a, lo, hi);
      calibration.learn(a, lo, hi);
    }
    calibration.close(tick, history.first, lo, hi);
    gate.close(tick, lo, hi);
    fast.step(usual, lo, hi);
    profile.step(tick, lo, hi);
    this.regressions?.models.learn(tick, usual, lo, hi);
    for (let a = 0; a < shape.anchors.length; a++) this.combine(tick, a, lo, hi);
    if (this.regressions !== undefined) this.between(tick, this.regressions.models.anchors, lo, hi);
    for (let a = 0; a < shape.anchors.length; a++) calibration.issue(tick, a, this.points[a], history.level, lo, hi);
  }

  private scoreModels(tick: number, a: number, lo: number, hi: number): void {
    const { shape, history, fast, weights, regressions } = this;
    fast.due(tick, a, lo, hi);
    weights.score(a, shape.strides[a], history.current, fast.out, lo, hi);
    const n = regressions?.models.anchors.indexOf(a) ?? -1;
    if (regressions === undefined || n < 0) return;
    regressions.models.due(tick, n, lo, hi);
    regressions.weights.score(a, shape.strides[a], history.current, regressions.models.out, lo, hi);
  }

  private combine(tick: number, a: number, lo: number, hi: number): void {
    const { shape, profile, fast, ahead, points, regressions } = this;
    profile.read(tick + shape.anchors[a], ahead, lo, hi);
    fast.issue(tick, a, ahead, lo, hi);
    const n = regressions?.models.anchors.indexOf(a) ?? -1;
    if (regressions === undefined || n < 0) this.weights.combine(a, fast.out, points[a], lo, hi);
    else {
      regressions.models.issue(tick, n, ahead, lo, hi);
      regressions.weights.combine(a, [...fast.out, ...regressions.models.out], points[a], lo, hi);
    }
    this.bound(points[a], lo, hi);
  }

  /** An anchor between two that have regressions takes the deviation from what is usual that lies between theirs. */
  private between(tick: number, regressed: readonly number[], lo: number, hi: number): void {
    const { points, profile, ahead, fillings } = this;
    const usual = this.before;
    const { anchors } = this.shape;
    for (let a = 1; a + 1 < anchors.length; a++) {
      if (regressed.includes(a) || !regressed.includes(a - 1) || !regressed.includes(a + 1)) continue;
      profile.read(tick + anchors[a - 1], usual, lo, hi);
      profile.read(tick + anchors[a], ahead, lo, hi);
      profile.read(tick + anchors[a + 1], fillings, lo, hi);
      const share = (anchors[a] - anchors[a - 1]) / (anchors[a + 1] - anchors[a - 1]);
      for (let i = lo; i < hi; i++) {
        const before = points[a - 1][i] - usual[i];
        const off = before + share * (points[a + 1][i] - fillings[i] - before);
        if (!Number.isNaN(off)) points[a][i] = Math.max(0, ahead[i] + off);
      }
      this.bound(points[a], lo, hi);
    }
  }

  /** The last value where no model says anything, and never more than what was seen allows. */
  private bound(point: Float64Array, lo: number, hi: number): void {
    const { history } = this;
    for (let i = lo; i < hi; i++) {
      const said = Number.isNaN(point[i]) ? history.filled[i] : point[i];
      const most = MOST_GROWTH * history.greatest[i];
      point[i] = said < most ? said : most;
    }
  }

  /** Makes a column free for another series. */
  reset(column: number): void {
    this.tables.reset(column);
    this.bars.begin(column);
    this.calibration.begin(column);
  }

  /** Estimates every regression of a column again. */
  refit(column: number): void {
    this.regressions?.models.fit(column);
  }

  isTrusted(column: number): boolean {
    return this.gate.isTrusted(column);
  }

  evidence(column: number): Evidence {
    return this.gate.evidence(column);
  }
}
