import type { GlobalModel, GlobalModelBatch, GlobalModelSource } from "../lstm/global-model.port.ts";
import { REGRESSORS, writeInputs, writeRegressors } from "../lstm/inputs.ts";
import { createBatch } from "../lstm/lstm-batch.ts";
import { HIDDEN } from "../lstm/network.ts";
import type { FleetHistory } from "./history.ts";
import { Issued } from "./issued.ts";
import { FleetPast, type FleetSeriesAhead } from "./past.ts";
import type { FleetShape } from "./shape.ts";
import type { Tables } from "./tables.ts";

/** Series that the kernel moves on at once. */
const LANES = 16;
/** Ticks that a state has to have seen under its model before it speaks. */
const WARM_UP = 24;

/**
 * The global LSTM for all series of a shard, as `GlobalLstm` for one: the states of the series lie in the shard's tables, and are put into a batch that
 * all shards share for a tick. It says nothing until there is a trained model; a new one is taken over at the next tick.
 */
export class FleetLstm {
  /** Forecasts of the anchor last read, by column; NaN where there is none. */
  readonly out: Float64Array;
  private readonly shape: FleetShape;
  private readonly history: FleetHistory;
  private readonly source: GlobalModelSource;
  private readonly past: FleetPast;
  private readonly states: Float32Array;
  /** Per column: which model the state belongs to, and the ticks that it has seen under it. */
  private readonly models: Float64Array;
  private readonly seen: Float32Array;
  private readonly issued: Issued;
  private readonly regressors = new Float32Array(REGRESSORS);
  /** By anchor, what is said of the tick that lies so far ahead. */
  private readonly points: readonly Float64Array[];

  constructor(shape: FleetShape, tables: Tables, source: GlobalModelSource, parts: FleetSeriesAhead) {
    this.shape = shape;
    this.history = parts.history;
    this.source = source;
    this.past = new FleetPast(shape, tables, parts);
    this.states = tables.blocks("lstm states", 2 * HIDDEN);
    this.models = tables.doubles("lstm models", 1);
    this.seen = tables.floats("lstm ticks", 1);
    this.issued = new Issued(shape, tables, parts.history, "lstm");
    this.points = shape.anchors.map(() => new Float64Array(tables.columns).fill(Number.NaN));
    this.out = new Float64Array(tables.columns);
  }

  /** Takes the tick that history and deviations have just taken. @param usual what had been usual at it */
  learn(tick: number, usual: Float64Array, lo: number, hi: number): void {
    this.past.learn(tick, usual, lo, hi);
    for (const point of this.points) point.fill(Number.NaN, lo, hi);
    const { current } = this.source;
    if (current === undefined || !this.fits(current)) return;
    const batch = batchOf(current, hi - lo === 1 ? 1 : LANES);
    for (let from = lo; from < hi; from += batch.series)
      this.advance(current, batch, tick, from, Math.min(hi, from + batch.series));
  }

  private fits({ shape }: GlobalModel): boolean {
    return shape.step === this.shape.step && shape.season === this.shape.season;
  }

  private advance(model: GlobalModel, batch: GlobalModelBatch, tick: number, from: number, to: number): void {
    const { past, states, models, seen, shape } = this;
    const size = 2 * HIDDEN;
    const number = numberOf(model);
    for (let i = from; i < to; i++) {
      if (models[i] !== number) {
        models[i] = number;
        seen[i] = 0;
        states.fill(0, i * size, (i + 1) * size);
      }
      batch.setState(i - from, states, i * size);
      if (past.isReady(i)) writeInputs(past.of(i, tick), shape.season, tick, batch.rows, (i - from) * batch.stride);
    }
    batch.step();
    for (let i = from; i < to; i++) {
      if (!past.isReady(i)) continue;
      batch.readState(i - from, states, i * size);
      if (++seen[i] > WARM_UP) this.predict(batch, i - from, tick, i);
    }
  }

  private predict(batch: GlobalModelBatch, lane: number, tick: number, i: number): void {
    const { shape, regressors, points } = this;
    const past = this.past.of(i, tick);
    const highest = 1.3 * past.log(this.history.greatest[i]) + 0.2;
    for (let a = 0; a < points.length; a++) {
      const ahead = shape.anchors[a];
      if (ahead > batch.furthest) return;
      writeRegressors(past, shape.season, tick, ahead, regressors, 0);
      const value = past.usual(tick + ahead) + past.spread() * batch.deviation(lane, ahead, regressors, 0);
      points[a][i] = past.exp(Math.min(highest, Math.max(0, value)));
    }
  }

  /** What was said of `tick` at an anchor, into `out`. */
  due(tick: number, a: number, lo: number, hi: number): void {
    this.issued.due(tick, a, this.out, lo, hi);
  }

  /** Forecasts of the tick an anchor ahead, into `out`; they wait for their target. */
  issue(tick: number, a: number, lo: number, hi: number): void {
    for (let i = lo; i < hi; i++) this.out[i] = this.points[a][i];
    this.issued.keep(tick, a, this.out, lo, hi);
  }

  /** What it last said of the tick that lies an anchor ahead; NaN where nothing. */
  point(column: number, a: number): number {
    return this.points[a][column];
  }
}

/** Batches of a model by their lanes: whoever uses one puts states in and takes them out again. */
const batches = new WeakMap<GlobalModel, Map<number, GlobalModelBatch>>();

function batchOf(model: GlobalModel, lanes: number): GlobalModelBatch {
  const known = batches.get(model) ?? new Map<number, GlobalModelBatch>();
  batches.set(model, known);
  const batch = known.get(lanes) ?? createBatch(model, lanes);
  known.set(lanes, batch);
  return batch;
}

/** What tells a model from others in a table of doubles: the first 48 bits of its digest. */
function numberOf({ digest }: GlobalModel): number {
  return Number.parseInt(digest.slice(0, 12), 16);
}
