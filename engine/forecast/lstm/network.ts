import { hourOf, INPUTS, REGRESSORS } from "./inputs.ts";

/** Units of the LSTM. */
export const HIDDEN = 32;
/** A row of the input matrix: what is seen, then the hidden state. A multiple of 4. */
export const ROW = INPUTS + HIDDEN;
/** Sums of one cell: input, forget, candidate and output gates. */
export const GATES = 4 * HIDDEN;

/**
 * One LSTM for all series. At each tick it reads a few inputs and writes, for each canonical horizon, the coefficients of a small regression
 * on what is known of the target (`writeRegressors`): a state that has learnt how this series behaves says how much of the present
 * deviation lasts, and how much last season's, last week's and last hour's deviation counts.
 */
export interface NetworkShape {
  /** Seconds a tick, and ticks a season. */
  readonly step: number;
  readonly season: number;
  /** Ticks ahead, ascending. In between coefficients are interpolated; beyond the last there are none. */
  readonly horizons: readonly number[];
}

/** A tick, and up to eight hours: parts of an hour that differ in whole ticks, all of them within a season. */
export function canonicalHorizons(season: number): number[] {
  const hour = hourOf(season);
  const ahead = [1, hour / 12, hour / 4, hour / 2, hour, 2 * hour, 4 * hour, 8 * hour];
  const ticks = ahead.map((one) => Math.min(Math.max(1, Math.round(one)), season - 3));
  return [...new Set(ticks)].sort((a, b) => a - b);
}

/** What an error at a horizon counts for in training and comparison: in full up to an hour, where it decides, and less in proportion beyond. */
export function horizonWeight(season: number, ahead: number): number {
  return Math.min(1, hourOf(season) / ahead);
}

/** Coefficients of one series, rounded up to what the kernel multiplies by. */
export function coefficientsOf(shape: NetworkShape): number {
  return Math.ceil((shape.horizons.length * REGRESSORS) / 8) * 8;
}

/** Where the parameters lie in their one array, in order: weights of the cell (ROW × GATES), its biases, weights of the head (HIDDEN × coefficients), its biases. */
export interface Layout {
  readonly cell: number;
  readonly cellBias: number;
  readonly head: number;
  readonly headBias: number;
  readonly length: number;
}

export function layoutOf(shape: NetworkShape): Layout {
  const columns = coefficientsOf(shape);
  const cellBias = ROW * GATES;
  const head = cellBias + GATES;
  const headBias = head + HIDDEN * columns;
  return { cell: 0, cellBias, head, headBias, length: headBias + columns };
}

/** Uniform weights of the usual size (Glorot and Bengio 2010) and forget gates that begin open (Jozefowicz et al. 2015). */
export function initialParameters(shape: NetworkShape, random: () => number): Float32Array {
  const { cell, cellBias, head, headBias, length } = layoutOf(shape);
  const parameters = new Float32Array(length);
  const cellSize = Math.sqrt(6 / (ROW + HIDDEN));
  for (let i = cell; i < cellBias; i++) parameters[i] = cellSize * (2 * random() - 1);
  for (let j = HIDDEN; j < 2 * HIDDEN; j++) parameters[cellBias + j] = 1;
  const headSize = 0.5 / HIDDEN;
  for (let i = head; i < headBias; i++) parameters[i] = headSize * (2 * random() - 1);
  return parameters;
}
