/**
 * A forecasting method for one series. One file a method; all of them see the same `History` and answer at the same horizons.
 * The forecaster calls, at every tick: `history.push(value)`, then `update` of each model, `fit` where its time has come,
 * then `forecast`. A model holds typed arrays only, and never reads a clock or draws a number at random.
 */
export interface Model {
  /** How people and the ledger name it. */
  readonly name: string;
  readonly cost: ModelCost;
  /** Why it has nothing to say at present, or nothing new. Only models that can fail have it. */
  readonly failure?: string | undefined;
  /** Estimates its parameters again from what it has seen. Called every `cost.fitEvery` ticks; does nothing where there are none. */
  fit(): void;
  /** Takes the observation that the history has just taken. NaN is a gap: the phase moves on, nothing is learnt. */
  update(value: number): void;
  /** Writes the forecast of `horizons[k]` ticks ahead to `out[k]`; NaN where the model has nothing to say yet. */
  forecast(out: Float64Array): void;
  /** Its state as plain data. */
  snapshot(): unknown;
  /** Takes over a state that `snapshot` gave for the same options. */
  restore(state: unknown): void;
}

/** What a model costs, so that a tier and a time budget can choose. Measured for one series and six horizons at 1,440 ticks a season. */
export interface ModelCost {
  /** Microseconds of an `update` and a `forecast`, whatever the length of the history. */
  readonly perTick: number;
  /** Microseconds of a `fit`. */
  readonly perFit: number;
  /** Ticks between two fits; 0: it is never fitted. */
  readonly fitEvery: number;
}
