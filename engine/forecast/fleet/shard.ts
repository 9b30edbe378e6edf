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

/** `fast`: the profile models. `balanced`: those and the seasonal autoregressions. */
export type FleetTier = "fast" | "balanced";

interface Balanced {
  readonly regression: FleetAutoregression;
  readonly weights: FleetWeights;
  readonly calibration: FleetCalibration;
  readonly gate: FleetGate;
}

/**
 * The forecasts of some hundred series at once. `step` is the fast path; `stepBalanced`, for the same tick and columns and after it, adds the
 * autoregressions. Each has its own calibration and its own evidence, so that one can stand in for the other at any tick.
 */
export class FleetShard {
  readonly shape: FleetShape;
  readonly tables: Tables;
  readonly history: FleetHistory;
  readonly profile: FleetProfile;
  /** Per column: anchors, from the first on, that evidence is taken over. */
  readonly decisive: Float32Array;
  private readonly fast: FastModels;
  private readonly bars: FleetBars;
  private readonly weights: FleetWeights;
  private readonly calibration: FleetCalibration;
  private readonly gate: FleetGate;
  private readonly balanced: Balanced | undefined;
  private readonly usual: Float64Array;
  private readonly fillings: Float64Array;
  private readonly ahead: Float64Array;
  private readonly before: Float64Array;
  /** By anchor, what is about to be issued. */
  private readonly points: readonly Float64Array[];

  /** @param balanced whether the autoregressions take part; without them a series takes less than half the memory */
  constructor(shape: FleetShape, tables: Tables, balanced = true) {
    this.shape = shape;
    this.tables = tables;
    this.history = new FleetHistory(shape, tables, FleetAutoregression.reach(shape));
    this.profile = new FleetProfile(shape, tables, this.history);
    this.decisive = tables.floats("decisive", 1, 1);
    this.fast = new FastModels(shape, tables, this.history);
    this.bars = new FleetBars(shape, tables, this.history);
    this.weights = new FleetWeights(shape, tables, "fast", FAST_MODELS.length);
    this.calibration = new FleetCalibration(shape, tables, "fast");
    const { history, bars, decisive } = this;
    this.gate = new FleetGate(shape, tables, "fast", { history, bars, decisive, calibration: this.calibration });
    if (balanced) this.balanced = this.makeBalanced();
    const { columns } = tables;
    this.usual = new Float64Array(columns);
    this.fillings = new Float64Array(columns);
    this.ahead = new Float64Array(columns);
    this.before = new Float64Array(columns);
    this.points = shape.anchors.map(() => new Float64Array(columns));
  }

  private makeBalanced(): Balanced {
    const { shape, tables, history, bars, decisive } = this;
    const calibration = new FleetCalibration(shape, tables, "balanced");
    return {
      regression: new FleetAutoregression(shape, tables, history, this.profile),
      weights: new FleetWeights(shape, tables, "balanced", HALF_LIVES.length, this.weights),
      calibration,
      gate: new FleetGate(shape, tables, "balanced", { history, bars, decisive, calibration }),
    };
  }

  /** The fast path: takes the values of a tick for the columns `lo` to `hi`, that of `lo` first, and issues forecasts at its end. */
  step(tick: number, values: Float64Array, lo: number, hi: number): void {
    const { shape, history, profile, fast, bars, weights, calibration, gate, usual, fillings } = this;
    profile.read(tick, usual, lo, hi);
    fast.fillings(usual, fillings, lo, hi);
    history.step(tick, values, fillings, lo, hi);
    bars.step(tick, lo, hi);
    for (let a = 0; a < shape.anchors.length; a++) {
      if (!this.scores(tick, a)) continue;
      fast.due(tick, a, lo, hi);
      weights.score(a, shape.strides[a], history.current, fast.out, lo, hi);
      calibration.due(tick, a, history.current, lo, hi);
      gate.score(tick, a, lo, hi);
      calibration.learn(a, lo, hi);
    }
    calibration.close(tick, history.first, lo, hi);
    gate.close(tick, lo, hi);
    fast.step(usual, lo, hi);
    profile.step(tick, lo, hi);
    for (let a = 0; a < shape.anchors.length; a++) {
      profile.read(tick + shape.anchors[a], this.ahead, lo, hi);
      fast.issue(tick, a, this.ahead, lo, hi);
      weights.combine(a, fast.out, this.points[a], lo, hi);
      this.bound(this.points[a], lo, hi);
      calibration.issue(tick, a, this.points[a], history.level, lo, hi);
    }
  }

  /** The autoregressions, and their ensemble with the fast models. The columns must have taken this tick, and none after it. */
  stepBalanced(tick: number, lo: number, hi: number): void {
    const { shape, history, profile, fast, balanced } = this;
    if (balanced === undefined) return;
    const { regression, weights, calibration, gate } = balanced;
    for (let a = 0; a < shape.anchors.length; a++) {
      if (!this.scores(tick, a)) continue;
      const n = regression.anchors.indexOf(a);
      if (n >= 0) {
        regression.due(tick, n, lo, hi);
        weights.score(a, shape.strides[a], history.current, regression.out, lo, hi);
      }
      calibration.due(tick, a, history.current, lo, hi);
      gate.score(tick, a, lo, hi);
      calibration.learn(a, lo, hi);
    }
    calibration.close(tick, history.first, lo, hi);
    gate.close(tick, lo, hi);
    regression.learn(tick, this.usual, lo, hi);
    for (let a = 0; a < shape.anchors.length; a++) {
      const n = regression.anchors.indexOf(a);
      profile.read(tick + shape.anchors[a], this.ahead, lo, hi);
      fast.issue(tick, a, this.ahead, lo, hi);
      if (n >= 0) regression.issue(tick, n, this.ahead, lo, hi);
      const said = n >= 0 ? [...fast.out, ...regression.out] : fast.out;
      weights.combine(a, said, this.points[a], lo, hi);
      this.bound(this.points[a], lo, hi);
    }
    this.between(tick, regression.anchors, lo, hi);
    for (let a = 0; a < shape.anchors.length; a++) calibration.issue(tick, a, this.points[a], history.level, lo, hi);
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

  private scores(tick: number, a: number): boolean {
    const issued = tick - this.shape.anchors[a];
    return issued >= 0 && issued % this.shape.strides[a] === 0;
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
    this.balanced?.calibration.begin(column);
  }

  /** Estimates every regression of a column again. */
  refit(column: number): void {
    this.balanced?.regression.fit(column);
  }

  isTrusted(tier: FleetTier, column: number): boolean {
    return (tier === "fast" ? this.gate : this.balanced!.gate).isTrusted(column);
  }

  evidence(tier: FleetTier, column: number): Evidence {
    return (tier === "fast" ? this.gate : this.balanced!.gate).evidence(column);
  }

  /** The calibration that a tier's forecasts are read from. */
  calibrationOf(tier: FleetTier): FleetCalibration {
    return tier === "fast" ? this.calibration : this.balanced!.calibration;
  }
}
