import type { GlobalModel, GlobalModelBatch } from "./global-model.port.ts";
import { INPUTS, REGRESSORS } from "./inputs.ts";
import { type Floats, Kernel } from "./kernel.ts";
import { coefficientsOf, GATES, HIDDEN, layoutOf, ROW } from "./network.ts";

/** Series whose sums stay in the first cache at once. */
const BLOCK = 64;

/** Makes room for so many series under a model, all of them without a past. About 600 bytes a series. */
export function createBatch(model: Pick<GlobalModel, "shape" | "parameters">, series: number): GlobalModelBatch {
  return new LstmBatch(model, series);
}

class LstmBatch implements GlobalModelBatch {
  readonly series: number;
  readonly stride = ROW;
  readonly rows: Float32Array;
  readonly furthest: number;
  private readonly horizons: readonly number[];
  private readonly columns: number;
  /** Rows, rounded up to what the kernel takes. */
  private readonly padded: number;
  private readonly kernel: Kernel;
  private readonly input: Floats;
  private readonly cells: Floats;
  private readonly coefficients: Floats;
  private readonly gates: Floats;
  private readonly cellWeights: Floats;
  private readonly headWeights: Floats;
  /** Biases of a block's rows, one after the other. */
  private readonly gateBiases: Float32Array;
  private readonly headBiases: Float32Array;

  constructor({ shape, parameters }: Pick<GlobalModel, "shape" | "parameters">, series: number) {
    const layout = layoutOf(shape);
    const columns = coefficientsOf(shape);
    const padded = Math.max(4, Math.ceil(series / 4) * 4);
    const kernel = new Kernel(layout.length + BLOCK * GATES + padded * (ROW + HIDDEN + columns));
    this.series = series;
    this.furthest = shape.horizons[shape.horizons.length - 1];
    this.horizons = shape.horizons;
    this.columns = columns;
    this.padded = padded;
    this.kernel = kernel;
    this.input = kernel.floats(padded * ROW);
    this.rows = this.input.view.subarray(0, series * ROW);
    this.cells = kernel.floats(padded * HIDDEN);
    this.coefficients = kernel.floats(padded * columns);
    this.gates = kernel.floats(BLOCK * GATES);
    this.cellWeights = kernel.floats(ROW * GATES);
    this.cellWeights.view.set(parameters.subarray(layout.cell, layout.cellBias));
    this.headWeights = kernel.floats(HIDDEN * columns);
    this.headWeights.view.set(parameters.subarray(layout.head, layout.headBias));
    this.gateBiases = repeated(parameters.subarray(layout.cellBias, layout.head));
    this.headBiases = repeated(parameters.subarray(layout.headBias, layout.length));
  }

  step(): void {
    const { kernel, columns } = this;
    for (let from = 0; from < this.padded; from += BLOCK) {
      const rows = Math.min(BLOCK, this.padded - from);
      const gates = { floats: this.gates, row: GATES, column: 1 };
      const cells = { floats: this.cells, from: from * HIDDEN, row: HIDDEN, column: 1 };
      const input = { floats: this.input, from: from * ROW, row: ROW, column: 1 };
      const hidden = { ...input, from: from * ROW + INPUTS };
      const coefficients = { floats: this.coefficients, from: from * columns, row: columns, column: 1 };
      this.gates.view.set(this.gateBiases);
      kernel.multiply(rows, GATES, ROW, input, { floats: this.cellWeights, row: GATES, column: 1 }, gates);
      kernel.cell(rows, HIDDEN, gates, cells, cells, hidden);
      this.coefficients.view.set(this.headBiases.subarray(0, rows * columns), from * columns);
      kernel.multiply(
        rows,
        columns,
        HIDDEN,
        hidden,
        { floats: this.headWeights, row: columns, column: 1 },
        coefficients,
      );
    }
  }

  deviation(series: number, ahead: number, regressors: Float32Array, at: number): number {
    const { horizons } = this;
    const last = horizons.length - 1;
    if (ahead > horizons[last]) return Number.NaN;
    let k = 0;
    while (k < last && horizons[k + 1] <= ahead) k++;
    const share = k < last ? (ahead - horizons[k]) / (horizons[k + 1] - horizons[k]) : 0;
    const near = this.regression(series, k, regressors, at);
    return share > 0 ? near + share * (this.regression(series, k + 1, regressors, at) - near) : near;
  }

  private regression(series: number, k: number, regressors: Float32Array, at: number): number {
    const from = series * this.columns + k * REGRESSORS;
    const { view } = this.coefficients;
    let sum = 0;
    for (let j = 0; j < REGRESSORS; j++) sum += view[from + j] * regressors[at + j];
    return sum;
  }

  reset(series: number): void {
    this.input.view.fill(0, series * ROW + INPUTS, (series + 1) * ROW);
    this.cells.view.fill(0, series * HIDDEN, (series + 1) * HIDDEN);
  }

  readState(series: number, out: Float32Array, at = 0): void {
    const [hidden, cells] = [series * ROW + INPUTS, series * HIDDEN];
    for (let j = 0; j < HIDDEN; j++) {
      out[at + j] = this.input.view[hidden + j];
      out[at + HIDDEN + j] = this.cells.view[cells + j];
    }
  }

  setState(series: number, state: Float32Array, at = 0): void {
    const [hidden, cells] = [series * ROW + INPUTS, series * HIDDEN];
    for (let j = 0; j < HIDDEN; j++) {
      this.input.view[hidden + j] = state[at + j];
      this.cells.view[cells + j] = state[at + HIDDEN + j];
    }
  }
}

function repeated(biases: Float32Array): Float32Array {
  const block = new Float32Array(BLOCK * biases.length);
  for (let row = 0; row < BLOCK; row++) block.set(biases, row * biases.length);
  return block;
}
