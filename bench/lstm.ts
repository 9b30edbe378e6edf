import { parseArgs } from "node:util";
import { trainAtOnce } from "../engine/forecast/lstm/candidate.ts";
import { INPUTS, REGRESSORS } from "../engine/forecast/lstm/inputs.ts";
import { tanh } from "../engine/forecast/lstm/kernel.ts";
import { createBatch } from "../engine/forecast/lstm/lstm-batch.ts";
import {
  canonicalHorizons,
  coefficientsOf,
  GATES,
  HIDDEN,
  initialParameters,
  layoutOf,
  ROW,
} from "../engine/forecast/lstm/network.ts";
import { daily, randomNumbers } from "../engine/forecast/synthetic.ts";

/**
 * What the global LSTM costs: one step of many series, beside the same sums in plain JavaScript, and a training. CPU time of this process, the
 * median of several rounds, so that a busy machine shows less than it would in wall time.
 */
const HELP = `usage: node bench/lstm.ts [--series 1000,10000,40000] [--rounds 9] [--updates 100]

  --series COUNTS    how many series one step moves on
  --rounds N         rounds of which the median is taken
  --updates N        steps of the optimiser in each of the two trainings that are timed; a whole one takes up to 2,500`;

const SEASON = 1_440;
const SHAPE = { step: 60, season: SEASON, horizons: canonicalHorizons(SEASON) };
/** Horizons that a forecast is read at, in ticks. */
const AHEAD = [1, 5, 10, 15, 30, 60];

const { values: args } = parseArgs({
  options: {
    series: { type: "string", default: "1000,10000,40000" },
    rounds: { type: "string", default: "9" },
    updates: { type: "string", default: "100" },
    help: { type: "boolean", default: false },
  },
});
if (args.help) {
  console.log(HELP);
  process.exit(0);
}
const rounds = Number(args.rounds);
const parameters = initialParameters(SHAPE, randomNumbers(1));

/** Median CPU milliseconds of a call. */
function cost(work: () => void): number {
  work();
  const times = Array.from({ length: rounds }, () => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  });
  return times.sort((a, b) => a - b)[Math.floor(rounds / 2)];
}

/** One step as it is written down: loops over series, gates and inputs. */
function plainStep(series: number): () => void {
  const { cell, cellBias, head, headBias } = layoutOf(SHAPE);
  const columns = coefficientsOf(SHAPE);
  const rows = new Float32Array(series * ROW).fill(0.1);
  const cells = new Float32Array(series * HIDDEN);
  const coefficients = new Float32Array(series * columns);
  const gates = new Float32Array(GATES);
  const sigmoid = (x: number) => 0.5 + 0.5 * tanh(0.5 * x);
  return () => {
    for (let s = 0; s < series; s++) {
      for (let g = 0; g < GATES; g++) gates[g] = parameters[cellBias + g];
      for (let i = 0; i < ROW; i++) {
        const x = rows[s * ROW + i];
        for (let g = 0; g < GATES; g++) gates[g] += x * parameters[cell + i * GATES + g];
      }
      for (let j = 0; j < HIDDEN; j++) {
        const at = s * HIDDEN + j;
        cells[at] = sigmoid(gates[HIDDEN + j]) * cells[at] + sigmoid(gates[j]) * tanh(gates[2 * HIDDEN + j]);
        rows[s * ROW + INPUTS + j] = sigmoid(gates[3 * HIDDEN + j]) * tanh(cells[at]);
      }
      for (let c = 0; c < columns; c++) coefficients[s * columns + c] = parameters[headBias + c];
      for (let j = 0; j < HIDDEN; j++) {
        const h = rows[s * ROW + INPUTS + j];
        for (let c = 0; c < columns; c++) coefficients[s * columns + c] += h * parameters[head + j * columns + c];
      }
    }
  };
}

console.log("| series | step, ms | with forecasts at 6 horizons, ms | plain JavaScript, ms | bytes a series |");
console.log("| --- | --- | --- | --- | --- |");
for (const series of args.series.split(",").map(Number)) {
  const batch = createBatch({ shape: SHAPE, parameters }, series);
  batch.rows.fill(0.1);
  const regressors = new Float32Array(series * AHEAD.length * REGRESSORS).fill(0.1);
  const out = new Float32Array(series * AHEAD.length);
  const step = cost(() => batch.step());
  const forecast = cost(() => {
    batch.step();
    for (let s = 0; s < series; s++)
      for (let k = 0; k < AHEAD.length; k++) {
        const n = s * AHEAD.length + k;
        out[n] = batch.deviation(s, AHEAD[k], regressors, n * REGRESSORS);
      }
  });
  const plain = cost(plainStep(series));
  const bytes = 4 * (ROW + HIDDEN + coefficientsOf(SHAPE));
  console.log(`| ${series} | ${step.toFixed(1)} | ${forecast.toFixed(1)} | ${plain.toFixed(1)} | ${bytes} |`);
}

const updates = Number(args.updates);
const series = Array.from({ length: 20 }, (_, i) => Float32Array.from(daily(8 * SEASON, SEASON, i + 1)));
const before = process.cpuUsage();
trainAtOnce({ series, step: 60, season: SEASON, seed: 1, at: 0, updates });
const { user, system } = process.cpuUsage(before);
const seconds = (user + system) / 1e6;
console.log(
  `\ntraining on ${series.length} series of ${8 * SEASON} ticks: ${seconds.toFixed(2)} s of CPU for two trainings of ${updates} updates (64 lanes × 48 ticks each) and the comparison, ${((500 * seconds) / updates).toFixed(1)} ms an update`,
);
