import { reweighedGain } from "../ensemble.ts";
import type { FleetShape } from "./shape.ts";
import type { Tables } from "./tables.ts";

/** Part of the season after which an error counts half. */
const HALF_LIFE = 1 / 4;

/**
 * Weighs candidates by how wrong each was lately at the same anchor, to a high power of the inverse error, as `Ensemble` does for one
 * series (Bates and Granger 1969).
 */
export class FleetWeights {
  private readonly columns: number;
  private readonly candidates: number;
  /** With those of the base. */
  private readonly total: number;
  private readonly gain: number;
  private readonly errors: Float32Array;
  /** Per column: ticks since the last re-weighting, as of the present tick; negative where there was none. */
  private readonly since: Float64Array;
  private readonly anchors: readonly number[];
  /** Candidates that come first in `combine`, and are scored elsewhere. */
  private readonly base: FleetWeights | undefined;

  constructor(
    shape: FleetShape,
    tables: Tables,
    name: string,
    candidates: number,
    since: Float64Array,
    base?: FleetWeights,
  ) {
    this.columns = tables.columns;
    this.candidates = candidates;
    this.base = base;
    this.since = since;
    this.anchors = shape.anchors;
    this.total = candidates + (base?.total ?? 0);
    this.gain = 1 - Math.exp(-Math.LN2 / (HALF_LIFE * shape.season));
    this.errors = tables.floats(`${name} errors`, shape.anchors.length * candidates, Number.NaN);
  }

  /** Scores what the candidates had said of the present tick at an anchor. @param stride ticks between two scores */
  score(a: number, stride: number, current: Float64Array, said: readonly Float64Array[], lo: number, hi: number): void {
    const { columns, candidates, errors, since } = this;
    const ahead = this.anchors[a];
    const gain = Math.min(0.5, stride * this.gain);
    for (let c = 0; c < candidates; c++) {
      const at = (a * candidates + c) * columns;
      const values = said[c];
      for (let i = lo; i < hi; i++) {
        const error = Math.abs(current[i] - values[i]);
        if (Number.isNaN(error)) continue;
        const before = errors[at + i];
        const share = since[i] >= ahead ? reweighedGain(gain, since[i] - ahead) : gain;
        errors[at + i] = before >= 0 ? before + share * (error - before) : error;
      }
    }
  }

  /** The weighted mean of the candidates at an anchor, the base's first; NaN where none says anything. */
  combine(a: number, said: readonly Float64Array[], out: Float64Array, lo: number, hi: number): void {
    const sources = said.map((values, c) => ({ values, errors: this.of(c), at: this.row(a, c) }));
    for (let i = lo; i < hi; i++) {
      let least = Number.POSITIVE_INFINITY;
      for (let c = 0; c < sources.length; c++) {
        const { values, errors, at } = sources[c];
        const error = errors[at + i];
        if (error < least && !Number.isNaN(values[i])) least = error;
      }
      let sum = 0;
      let weights = 0;
      for (let c = 0; c < sources.length; c++) {
        const { values, errors, at } = sources[c];
        const value = values[i];
        if (Number.isNaN(value)) continue;
        const error = errors[at + i];
        // One that was never scored counts a little; errors are taken over the least, so that nothing over- or underflows.
        const ratio = error >= 0 ? (least > 0 ? least / error : error > 0 ? 0 : 1) : 0.1;
        const cube = ratio * ratio * ratio;
        const sixth = cube * cube;
        const weight = sixth * sixth;
        sum += weight * value;
        weights += weight;
      }
      out[i] = weights > 0 ? sum / weights : Number.NaN;
    }
  }

  private of(c: number): Float32Array {
    return this.base !== undefined && c < this.base.total ? this.base.of(c) : this.errors;
  }

  private row(a: number, c: number): number {
    const before = this.base?.total ?? 0;
    return c < before ? this.base!.row(a, c) : (a * this.candidates + c - before) * this.columns;
  }
}
