import { INPUTS, REGRESSORS } from "./inputs.ts";
import { type Floats, Kernel, tanh } from "./kernel.ts";
import { coefficientsOf, GATES, HIDDEN, type Layout, layoutOf, type NetworkShape, ROW } from "./network.ts";

/** Below this an error counts by its square, in spreads. */
const ROUND = 0.05;

/**
 * Loss and gradient of the network over a stretch of ticks of many lanes: back-propagation through time, cut at the stretch's beginning
 * (Werbos 1990), the state carried on from stretch to stretch. The loss is the mean over what is known of √(e² + r²) − r of the
 * error e, in effect |e|: its least is the median.
 */
export class Bptt {
  readonly lanes: number;
  readonly ticks: number;
  readonly parameters: Float32Array;
  readonly gradient: Float32Array;
  /** Inputs of lane b at tick t: `rows[(t × lanes + b) × ROW …]`. */
  readonly rows: Float32Array;
  /** Regressors of each canonical horizon, `columns` a lane and tick. */
  readonly regressors: Float32Array;
  readonly columns: number;
  /** What came, one number a canonical horizon; NaN where it is not known. */
  readonly targets: Float32Array;
  /** What each error counts for. */
  readonly weights: Float32Array;
  private readonly horizons: number;
  private readonly layout: Layout;
  private readonly kernel: Kernel;
  private readonly input: Floats;
  private readonly cells: Floats;
  private readonly gates: Floats;
  private readonly coefficients: Floats;
  private readonly back: Floats;
  private readonly cellsBack: Float32Array;
  private readonly parameterFloats: Floats;
  private readonly gradientFloats: Floats;
  private readonly recurrentTransposed: Floats;
  private readonly headTransposed: Floats;

  /** @param lanes a multiple of 4 */
  constructor(shape: NetworkShape, lanes: number, ticks: number) {
    const layout = layoutOf(shape);
    const columns = coefficientsOf(shape);
    const cells = lanes * ticks;
    const kernel = new Kernel(
      2 * layout.length +
        GATES * HIDDEN +
        columns * HIDDEN +
        (cells + lanes) * (ROW + HIDDEN) +
        cells * (GATES + columns + HIDDEN),
    );
    this.lanes = lanes;
    this.ticks = ticks;
    this.columns = columns;
    this.horizons = shape.horizons.length;
    this.layout = layout;
    this.kernel = kernel;
    this.input = kernel.floats((cells + lanes) * ROW);
    this.rows = this.input.view;
    this.cells = kernel.floats((cells + lanes) * HIDDEN);
    this.gates = kernel.floats(cells * GATES);
    this.coefficients = kernel.floats(cells * columns);
    this.back = kernel.floats(cells * HIDDEN);
    this.cellsBack = new Float32Array(lanes * HIDDEN);
    this.parameterFloats = kernel.floats(layout.length);
    this.parameters = this.parameterFloats.view;
    this.gradientFloats = kernel.floats(layout.length);
    this.gradient = this.gradientFloats.view;
    this.recurrentTransposed = kernel.floats(GATES * HIDDEN);
    this.headTransposed = kernel.floats(columns * HIDDEN);
    this.regressors = new Float32Array(cells * columns);
    this.targets = new Float32Array(cells * this.horizons);
    this.weights = new Float32Array(cells * this.horizons);
  }

  /** A lane begins a new series: its state is none. */
  reset(lane: number): void {
    this.input.view.fill(0, lane * ROW + INPUTS, (lane + 1) * ROW);
    this.cells.view.fill(0, lane * HIDDEN, (lane + 1) * HIDDEN);
  }

  /** The state at the stretch's end becomes that of the next one's beginning. */
  carry(): void {
    const end = this.ticks * this.lanes;
    for (let lane = 0; lane < this.lanes; lane++)
      this.input.view.copyWithin(lane * ROW + INPUTS, (end + lane) * ROW + INPUTS, (end + lane + 1) * ROW);
    this.cells.view.copyWithin(0, end * HIDDEN, (end + this.lanes) * HIDDEN);
  }

  /** Runs the stretch forward and returns the loss; 0 where nothing is known. */
  loss(): number {
    this.forward();
    return this.errors(false);
  }

  /** Runs the stretch forward and back, leaves the gradient in `gradient`, and returns the loss. */
  lossAndGradient(): number {
    this.forward();
    const loss = this.errors(true);
    this.backward();
    return loss;
  }

  private forward(): void {
    const { kernel, lanes, ticks, columns, layout, parameters } = this;
    fillRows(this.gates.view, parameters.subarray(layout.cellBias, layout.head));
    for (let t = 0; t < ticks; t++) {
      const gates = this.at(this.gates, t, GATES);
      kernel.multiply(lanes, GATES, ROW, this.at(this.input, t, ROW), this.weightsOf(layout.cell, GATES), gates);
      const hidden = this.at(this.input, t + 1, ROW, INPUTS);
      kernel.cell(lanes, HIDDEN, gates, this.at(this.cells, t, HIDDEN), this.at(this.cells, t + 1, HIDDEN), hidden);
    }
    fillRows(this.coefficients.view, parameters.subarray(layout.headBias, layout.length));
    const hidden = this.at(this.input, 1, ROW, INPUTS);
    const coefficients = this.at(this.coefficients, 0, columns);
    kernel.multiply(lanes * ticks, columns, HIDDEN, hidden, this.weightsOf(layout.head, columns), coefficients);
  }

  /** Compares with the targets; puts the loss's derivative by the coefficients in their place when asked to. */
  private errors(derive: boolean): number {
    const { columns, horizons, regressors, targets, weights } = this;
    const { view } = this.coefficients;
    const rows = this.lanes * this.ticks;
    let total = 0;
    for (let i = 0; i < rows * horizons; i++) if (!Number.isNaN(targets[i])) total += weights[i];
    const unit = total > 0 ? 1 / total : 0;
    let loss = 0;
    for (let row = 0; row < rows; row++)
      for (let k = 0; k < horizons; k++) {
        const at = row * columns + k * REGRESSORS;
        const target = targets[row * horizons + k];
        const known = !Number.isNaN(target);
        let slope = 0;
        if (known) {
          let error = -target;
          for (let j = 0; j < REGRESSORS; j++) error += view[at + j] * regressors[at + j];
          const size = Math.sqrt(error * error + ROUND * ROUND);
          const weight = unit * weights[row * horizons + k];
          loss += weight * (size - ROUND);
          slope = (weight * error) / size;
        }
        if (derive) for (let j = 0; j < REGRESSORS; j++) view[at + j] = slope * regressors[at + j];
      }
    // Columns that only fill up a row have no regressors, and no derivative.
    if (derive && horizons * REGRESSORS < columns)
      for (let row = 0; row < rows; row++) view.fill(0, row * columns + horizons * REGRESSORS, (row + 1) * columns);
    return loss;
  }

  private backward(): void {
    const { kernel, lanes, ticks, columns, layout, gradient } = this;
    const rows = lanes * ticks;
    this.transpose();
    gradient.fill(0);
    this.back.view.fill(0);
    this.cellsBack.fill(0);
    const slopes = this.at(this.coefficients, 0, columns);
    const headTransposed = { floats: this.headTransposed, row: HIDDEN, column: 1 };
    kernel.multiply(rows, HIDDEN, columns, slopes, headTransposed, this.at(this.back, 0, HIDDEN));
    for (let t = ticks - 1; t >= 0; t--) {
      this.cellBackward(t);
      if (t === 0) break;
      const transposed = { floats: this.recurrentTransposed, row: HIDDEN, column: 1 };
      kernel.multiply(
        lanes,
        HIDDEN,
        GATES,
        this.at(this.gates, t, GATES),
        transposed,
        this.at(this.back, t - 1, HIDDEN),
      );
    }
    const gateSlopes = this.at(this.gates, 0, GATES);
    const inputs = { floats: this.input, row: 1, column: ROW };
    kernel.multiply(ROW, GATES, rows, inputs, gateSlopes, this.gradientOf(layout.cell, GATES));
    const hidden = { floats: this.input, from: lanes * ROW + INPUTS, row: 1, column: ROW };
    kernel.multiply(HIDDEN, columns, rows, hidden, slopes, this.gradientOf(layout.head, columns));
    addRows(gradient.subarray(layout.cellBias, layout.head), this.gates.view);
    addRows(gradient.subarray(layout.headBias, layout.length), this.coefficients.view);
  }

  /** The derivative by the gates' sums of tick t takes the place of the gates. */
  private cellBackward(t: number): void {
    const { lanes, cellsBack } = this;
    const gates = this.gates.view;
    const cells = this.cells.view;
    const back = this.back.view;
    for (let lane = 0; lane < lanes; lane++) {
      const row = t * lanes + lane;
      const at = row * GATES;
      for (let j = 0; j < HIDDEN; j++) {
        const input = gates[at + j];
        const forget = gates[at + HIDDEN + j];
        const candidate = gates[at + 2 * HIDDEN + j];
        const output = gates[at + 3 * HIDDEN + j];
        const before = cells[row * HIDDEN + j];
        const squashed = tanh(cells[(row + lanes) * HIDDEN + j]);
        const byOutput = back[row * HIDDEN + j];
        const byCell = cellsBack[lane * HIDDEN + j] + byOutput * output * (1 - squashed * squashed);
        gates[at + j] = byCell * candidate * input * (1 - input);
        gates[at + HIDDEN + j] = byCell * before * forget * (1 - forget);
        gates[at + 2 * HIDDEN + j] = byCell * input * (1 - candidate * candidate);
        gates[at + 3 * HIDDEN + j] = byOutput * squashed * output * (1 - output);
        cellsBack[lane * HIDDEN + j] = byCell * forget;
      }
    }
  }

  private transpose(): void {
    const { layout, parameters, columns } = this;
    const recurrent = this.recurrentTransposed.view;
    for (let i = 0; i < HIDDEN; i++)
      for (let j = 0; j < GATES; j++) recurrent[j * HIDDEN + i] = parameters[layout.cell + (INPUTS + i) * GATES + j];
    const head = this.headTransposed.view;
    for (let i = 0; i < HIDDEN; i++)
      for (let j = 0; j < columns; j++) head[j * HIDDEN + i] = parameters[layout.head + i * columns + j];
  }

  private at(floats: Floats, tick: number, width: number, column = 0) {
    return { floats, from: tick * this.lanes * width + column, row: width, column: 1 };
  }

  private weightsOf(from: number, columns: number) {
    return { floats: this.parameterFloats, from, row: columns, column: 1 };
  }

  private gradientOf(from: number, columns: number) {
    return { floats: this.gradientFloats, from, row: columns, column: 1 };
  }
}

function fillRows(matrix: Float32Array, row: Float32Array): void {
  for (let from = 0; from < matrix.length; from += row.length) matrix.set(row, from);
}

function addRows(sums: Float32Array, matrix: Float32Array): void {
  const { length } = sums;
  for (let from = 0; from < matrix.length; from += length) for (let j = 0; j < length; j++) sums[j] += matrix[from + j];
}
