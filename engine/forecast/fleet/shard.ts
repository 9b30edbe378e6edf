import type { Evidence } from "../forecast.port.ts";
import type { GlobalModelSource } from "../lstm/global-model.port.ts";
import { hourOf } from "../lstm/inputs.ts";
import { FleetAutoregression, HALF_LIVES } from "./autoregression.ts";
import { FleetBars } from "./bars.ts";
import { FleetCalibration } from "./calibration.ts";
import { FleetDeviations } from "./deviations.ts";
import { FAST_MODELS, FastModels } from "./fast-models.ts";
import { FleetGate, levelsOf } from "./gate.ts";
import { FleetHistory } from "./history.ts";
import { FleetLstm } from "./lstm.ts";
import { FleetProfile } from "./profile.ts";
import { FleetRegressors } from "./regressors.ts";
import { type FleetShape, LEVELS } from "./shape.ts";
import type { Tables } from "./tables.ts";
import { FleetWeights } from "./weights.ts";

/** No forecast says more than so many times the greatest value of late. */
const MOST_GROWTH = 4;

/** Levels that are judged where it is not said which decisions act on. */
const UPPER = LEVELS.filter((level) => level > 0.5);

const MODELS = {
  fast: "fleet(naive, seasonal naive, profile)",
  regressions: "fleet(naive, seasonal naive, profile, seasonal ar)",
  lstm: "fleet(naive, seasonal naive, profile, seasonal ar, lstm)",
};

/** `fast`: the profile models, in less than half the memory. `balanced`: those, the seasonal autoregressions and, where there is one, the global LSTM. */
export type FleetTier = "fast" | "balanced";

/** What the tier `balanced` has besides. */
interface Regressions {
  readonly deviations: FleetDeviations;
  readonly models: FleetAutoregression;
  readonly weights: FleetWeights;
  readonly lstm: { readonly model: FleetLstm; readonly weights: FleetWeights } | undefined;
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
  private readonly decisive: Float32Array;
  /** Per column: the levels that decisions act on, as `levelsOf` gives them. */
  private readonly judged: Float32Array;
  private readonly fast: FastModels;
  private readonly bars: FleetBars;
  private readonly weights: FleetWeights;
  /** Per column: the tick of the last re-weighting, -1 before there is one; and ticks since then. */
  private readonly reweighedAt: Float64Array;
  private readonly sinceReweighed: Float64Array;
  private readonly gate: FleetGate;
  private readonly regressions: Regressions | undefined;
  private readonly usual: Float64Array;
  private readonly fillings: Float64Array;
  /** What is usual at the phase of the present tick, and by anchor at that of the tick so far ahead: what deviations are from. */
  private readonly phase: Float64Array;
  private readonly phases: readonly Float64Array[];
  private readonly ahead: Float64Array;
  /** By anchor, what is about to be issued. */
  private readonly points: readonly Float64Array[];

  /** @param globalModel where the tier `balanced` finds the global LSTM */
  constructor(shape: FleetShape, tables: Tables, tier: FleetTier = "balanced", globalModel?: GlobalModelSource) {
    this.shape = shape;
    this.tables = tables;
    this.tier = tier;
    this.history = new FleetHistory(shape, tables, FleetRegressors.reach(shape));
    this.profile = new FleetProfile(shape, tables, this.history);
    this.decisive = tables.floats("decisive", 1, 1);
    this.judged = tables.floats("judged levels", 1, levelsOf(shape, UPPER));
    this.fast = new FastModels(shape, tables, this.history);
    this.bars = new FleetBars(shape, tables, this.history);
    this.reweighedAt = tables.doubles("reweighed at", 1, -1);
    this.sinceReweighed = new Float64Array(tables.columns);
    this.weights = new FleetWeights(shape, tables, "fast", FAST_MODELS.length, this.sinceReweighed);
    this.calibration = new FleetCalibration(shape, tables, "forecast");
    const { history, calibration, bars, decisive, judged } = this;
    this.gate = new FleetGate(shape, tables, { history, calibration, bars, decisive, judged });
    const { columns } = tables;
    this.usual = new Float64Array(columns);
    this.fillings = new Float64Array(columns);
    this.ahead = new Float64Array(columns);
    this.phase = new Float64Array(columns);
    this.phases = shape.anchors.map(() => new Float64Array(columns));
    this.points = shape.anchors.map(() => new Float64Array(columns));
    if (tier === "balanced") this.regressions = this.createRegressions(globalModel);
  }

  private createRegressions(globalModel: GlobalModelSource | undefined): Regressions {
    const { shape, tables, history, profile, phases, sinceReweighed: since } = this;
    const kept = Math.max(
      FleetRegressors.deviationsKept(shape, FleetAutoregression.farthest(shape)),
      2 * hourOf(shape.season),
    );
    const deviations = new FleetDeviations(shape, tables, history, kept);
    const parts = { history, profile, deviations, ahead: phases };
    const weights = new FleetWeights(shape, tables, "regression", HALF_LIVES.length, since, this.weights);
    return {
      deviations,
      models: new FleetAutoregression(shape, tables, parts),
      weights,
      lstm: globalModel && {
        model: new FleetLstm(shape, tables, globalModel, parts),
        weights: new FleetWeights(shape, tables, "lstm", 1, since, weights),
      },
    };
  }

  /** Takes the values of a tick for the columns `lo` to `hi`, that of `lo` first, and issues forecasts at its end. */
  step(tick: number, values: Float64Array, lo: number, hi: number): void {
    const { shape, history, profile, fast, bars, calibration, gate, usual, fillings } = this;
    profile.read(tick, usual, lo, hi);
    if (this.regressions !== undefined) profile.readPhase(tick, this.phase, lo, hi);
    fast.fillings(usual, fillings, lo, hi);
    history.step(tick, values, fillings, lo, hi);
    bars.step(tick, lo, hi);
    const { reweighedAt, sinceReweighed } = this;
    for (let i = lo; i < hi; i++) sinceReweighed[i] = reweighedAt[i] < 0 ? -1 : tick - reweighedAt[i];
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
    // Regressions learn from a tick what was known before it.
    this.regressions?.deviations.step(tick, this.phase, lo, hi);
    this.regressions?.models.learn(tick, this.phase, lo, hi);
    profile.step(tick, lo, hi);
    if (this.regressions !== undefined) this.regress(this.regressions, tick, lo, hi);
    for (let a = 0; a < shape.anchors.length; a++) this.combine(tick, a, lo, hi);
    for (let a = 0; a < shape.anchors.length; a++) calibration.issue(tick, a, this.points[a], history.level, lo, hi);
  }

  private scoreModels(tick: number, a: number, lo: number, hi: number): void {
    const { shape, history, fast, weights, regressions } = this;
    fast.due(tick, a, lo, hi);
    weights.score(a, shape.strides[a], history.current, fast.out, lo, hi);
    if (regressions === undefined) return;
    const { models, lstm } = regressions;
    if (models.speaksAt(a)) {
      models.due(tick, a, lo, hi);
      regressions.weights.score(a, shape.strides[a], history.current, models.out, lo, hi);
    }
    if (lstm === undefined) return;
    lstm.model.due(tick, a, lo, hi);
    lstm.weights.score(a, shape.strides[a], history.current, [lstm.model.out], lo, hi);
  }

  private regress({ models, lstm }: Regressions, tick: number, lo: number, hi: number): void {
    const { shape, profile, phase, phases } = this;
    shape.anchors.forEach((ahead, a) => {
      profile.readPhase(tick + ahead, phases[a], lo, hi);
    });
    models.predict(tick, phases, lo, hi);
    lstm?.model.learn(tick, phase, lo, hi);
  }

  private combine(tick: number, a: number, lo: number, hi: number): void {
    const { shape, profile, fast, ahead, points, regressions } = this;
    profile.read(tick + shape.anchors[a], ahead, lo, hi);
    fast.issue(tick, a, ahead, lo, hi);
    const said = [...fast.out];
    if (regressions !== undefined) {
      const { models, lstm } = regressions;
      models.issue(tick, a, lo, hi);
      lstm?.model.issue(tick, a, lo, hi);
      said.push(...models.out, ...(lstm === undefined ? [] : [lstm.model.out]));
    }
    const weights = regressions?.lstm?.weights ?? regressions?.weights ?? this.weights;
    weights.combine(a, said, points[a], lo, hi);
    this.bound(points[a], lo, hi);
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

  /**
   * What decisions read of a column, and what it is judged by.
   *
   * @param within ticks ahead
   * @param levels by default all upper ones
   */
  judge(column: number, within: number, levels: readonly number[] = UPPER): void {
    const { anchors } = this.shape;
    this.decisive[column] = Math.max(1, anchors.filter((ahead) => ahead <= within).length);
    this.judged[column] = levelsOf(this.shape, levels);
  }

  /** From `tick` on the models of a column are weighed by how wrong they are from then on. */
  reweigh(column: number, tick: number): void {
    this.reweighedAt[column] = tick;
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

  /** What makes the forecasts of a column. */
  modelOf(column: number): string {
    if (this.regressions === undefined) return MODELS.fast;
    return !Number.isNaN(this.lstmPoint(column, 0)) ? MODELS.lstm : MODELS.regressions;
  }

  /** What the global LSTM last said of the tick that lies an anchor ahead; NaN where nothing. */
  lstmPoint(column: number, a: number): number {
    return this.regressions?.lstm?.model.point(column, a) ?? Number.NaN;
  }

  evidence(column: number): Evidence {
    return this.gate.evidence(column);
  }
}
