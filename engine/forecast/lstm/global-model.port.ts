import type { NetworkShape } from "./network.ts";

/** A trained global model. Made by training or read from its file; never changed. */
export interface GlobalModel {
  readonly shape: NetworkShape;
  readonly parameters: Float32Array;
  readonly trained: TrainingRecord;
  /** SHA-256 of all of the above, in hexadecimal: which model a state belongs to. */
  readonly digest: string;
}

/** What a model came of, and how good it was on what was kept from it. */
export interface TrainingRecord {
  /** Epoch seconds. */
  readonly at: number;
  /** How many series, and ticks of them, it was trained on. */
  readonly series: number;
  readonly ticks: number;
  /** Mean |error| on the ticks held out, longer horizons counting for less, in the usual size of a deviation from the daily profile; and that of seasonal naive. */
  readonly loss: number;
  readonly naiveLoss: number;
}

/** Where forecasters find the present global model. It may be replaced between two ticks. */
export interface GlobalModelSource {
  readonly current: GlobalModel | undefined;
  /** Why there is none, in words. */
  readonly absence: string;
}

/** The state of many series under one model, side by side; one `step` moves all of them on by a tick. */
export interface GlobalModelBatch {
  readonly series: number;
  /**
   * Series × `stride` floats. Before a step the caller writes the inputs of series i (`writeInputs`) to `rows[i × stride …]`. What
   * follows them in a row is the hidden state.
   */
  readonly rows: Float32Array;
  readonly stride: number;
  /** The longest horizon that there is a deviation for, in ticks. */
  readonly furthest: number;
  /** All series one tick on. Constant time, whatever the length of the history. */
  step(): void;
  /**
   * The deviation of series i from what is usual `ahead` ticks later, in units of its spread: the last step's coefficients, interpolated between
   * canonical horizons, on the regressors of that target (`writeRegressors`) at `regressors[at…]`. NaN beyond the longest canonical horizon.
   */
  deviation(series: number, ahead: number, regressors: Float32Array, at: number): number;
  /** Forgets a series, so that another can take its place. */
  reset(series: number): void;
  /** Writes a series' state, 2 × HIDDEN floats, to `out[at…]`. */
  readState(series: number, out: Float32Array, at?: number): void;
  /** Takes a series' state from `state[at…]`. */
  setState(series: number, state: Float32Array, at?: number): void;
}
