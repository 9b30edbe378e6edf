import { decodeInto, encode } from "../doubles.ts";
import type { History } from "../history.ts";
import type { Model } from "../model.port.ts";
import type { GlobalModel, GlobalModelBatch, GlobalModelSource } from "./global-model.port.ts";
import { INPUTS, REGRESSORS, writeInputs, writeRegressors } from "./inputs.ts";
import { createBatch } from "./lstm-batch.ts";
import { HIDDEN } from "./network.ts";
import { SeriesPast } from "./series-past.ts";

/** Ticks whose inputs are kept, to bring a state up to date under a model that is new. */
const KEPT = 96;

/**
 * The global LSTM for one series: the deviation from the daily profile at the target, in the series' own units. Silent, and absent from the
 * ensemble, until there is a trained model; a new one is taken over at the next tick.
 */
export class GlobalLstm implements Model {
  readonly name = "lstm";
  readonly cost = { perTick: 10, perFit: 0, fitEvery: 0 };
  private readonly history: History;
  private readonly horizons: readonly number[];
  private readonly source: GlobalModelSource;
  private readonly step: number;
  private readonly past: SeriesPast;
  /** Inputs of the last ticks, by tick. */
  private readonly inputs = new Float32Array(KEPT * INPUTS);
  /** How many of them there are. */
  private kept = 0;
  private readonly state = new Float32Array(2 * HIDDEN);
  /** Which model the state belongs to. */
  private digest = "";
  private readonly regressors = new Float32Array(REGRESSORS);
  private readonly points: Float64Array;

  /** @param step seconds a tick */
  constructor(history: History, horizons: readonly number[], source: GlobalModelSource, step: number) {
    this.history = history;
    this.horizons = horizons;
    this.source = source;
    this.step = step;
    this.past = new SeriesPast(history);
    this.points = new Float64Array(horizons.length).fill(Number.NaN);
  }

  get failure(): string | undefined {
    const { current, absence } = this.source;
    if (!current) return `lstm: ${absence}`;
    const { step, season } = current.shape;
    if (this.fits(current)) return undefined;
    return `lstm: the trained model is for ${season} ticks of ${step} s a season, this series has ${this.history.season} of ${this.step} s`;
  }

  private fits({ shape }: GlobalModel): boolean {
    return shape.step === this.step && shape.season === this.history.season;
  }

  fit(): void {}

  update(): void {
    this.past.update();
    if (!this.past.ready) return;
    const tick = this.history.ticks - 1;
    const at = (tick % KEPT) * INPUTS;
    writeInputs(this.past, this.history.season, tick, this.inputs, at);
    if (this.kept < KEPT) this.kept++;
    const { current } = this.source;
    if (!current || !this.fits(current)) {
      this.points.fill(Number.NaN);
      return;
    }
    const batch = oneOf(current);
    if (this.digest === current.digest) {
      batch.setState(0, this.state);
      this.advance(batch, tick);
    } else {
      this.digest = current.digest;
      batch.reset(0);
      for (let back = this.kept - 1; back >= 0; back--) this.advance(batch, tick - back);
    }
    batch.readState(0, this.state);
    this.predict(batch, tick);
  }

  private advance(batch: GlobalModelBatch, tick: number): void {
    const at = (tick % KEPT) * INPUTS;
    for (let j = 0; j < INPUTS; j++) batch.rows[j] = this.inputs[at + j];
    batch.step();
  }

  private predict(batch: GlobalModelBatch, tick: number): void {
    const { past, regressors, points } = this;
    const highest = 1.3 * Math.log1p(this.history.greatest() / past.scale) + 0.2;
    for (let k = 0; k < points.length; k++) {
      const ahead = this.horizons[k];
      points[k] = Number.NaN;
      if (ahead > batch.furthest) continue;
      writeRegressors(past, this.history.season, tick, ahead, regressors, 0);
      const value = past.usual(tick + ahead) + past.spread() * batch.deviation(0, ahead, regressors, 0);
      points[k] = Math.expm1(Math.min(highest, Math.max(0, value))) * past.scale;
    }
  }

  forecast(out: Float64Array): void {
    out.set(this.points);
  }

  snapshot(): unknown {
    return {
      past: this.past.snapshot(),
      kept: this.kept,
      digest: this.digest,
      inputs: encode(Float64Array.from(this.inputs)),
      state: encode(Float64Array.from(this.state)),
      points: encode(this.points),
    };
  }

  restore(saved: unknown): void {
    const s = saved as Record<"digest" | "inputs" | "state" | "points", string> & { past: unknown; kept: number };
    this.past.restore(s.past);
    this.kept = s.kept;
    this.digest = s.digest;
    const inputs = new Float64Array(this.inputs.length);
    decodeInto(inputs, s.inputs);
    this.inputs.set(inputs);
    const state = new Float64Array(this.state.length);
    decodeInto(state, s.state);
    this.state.set(state);
    decodeInto(this.points, s.points);
  }
}

/** One batch of one series a model: whoever uses it puts a state in and takes it out again. */
const batches = new WeakMap<GlobalModel, GlobalModelBatch>();

function oneOf(model: GlobalModel): GlobalModelBatch {
  let batch = batches.get(model);
  if (!batch) {
    batch = createBatch(model, 1);
    batches.set(model, batch);
  }
  return batch;
}
