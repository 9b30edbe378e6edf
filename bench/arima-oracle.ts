import { parseArgs } from "node:util";
import { createArimaFitter, exploded } from "../engine/forecast/arima-fitter.ts";
import { ArmaFilter } from "../engine/forecast/arma-filter.ts";
import { arimaLikelihood, differenced } from "../engine/forecast/arma-likelihood.ts";
import { PythonOracle } from "./python-oracle.ts";
import { readSeries, traceFiles } from "./read-trace.ts";

/** ARIMA fits over traces: how many explode, and the same order beside the Python package `statsmodels`. */
const HELP = `usage: node bench/arima-oracle.ts --traces DIR [--fits 200] [--compared 60] [--json]

  --traces DIR   CSV files, searched in folders too; every column is fitted on windows of 1,440 values at equal distances
  --fits N       fits at least
  --compared N   fits that are compared with the Python package, which takes a second or more for each
  --json         one JSON object instead of a table

The Python packages are installed once, in a virtual environment below the user's cache directory.
example: node bench/arima-oracle.ts --traces ../traces`;

const WINDOW = 1_440;
/** Log-likelihoods that differ by less are of the same maximum. */
const SAME = 0.05;
/** Standard deviations below which a forecast is zero, of which there are no shares. */
const NOTHING = 1e-6;
const AHEAD = Array.from({ length: 12 }, (_, i) => i + 1);

interface Answer {
  readonly error?: string;
  readonly converged: boolean;
  readonly likelihood: number;
  readonly forecast: readonly number[];
  readonly ms: number;
}

interface Row {
  readonly window: string;
  readonly order: string;
  readonly chooseMs: number;
  readonly refitMs: number;
  /** Why there is no fit; none of these is used. */
  readonly refused?: string;
  readonly exploded: boolean;
  /** Mean |difference| of the forecasts over the mean of theirs, and log-likelihood over theirs; where both converged. */
  readonly difference?: number;
  readonly likelihood?: number;
  readonly theirMs?: number;
  readonly theirError?: string;
}

/** Windows of every series, spread over all of them, so that there are at least so many. */
function windows(directory: string, fits: number): { name: string; series: Float64Array }[] {
  const all = traceFiles(directory).flatMap(readSeries);
  const each = Math.ceil(fits / all.length);
  return all.flatMap(({ name, values }) => {
    const filled = values.slice();
    for (let i = 1; i < filled.length; i++) if (Number.isNaN(filled[i])) filled[i] = filled[i - 1];
    const length = Math.min(WINDOW, filled.length);
    return Array.from({ length: each }, (_, i) => {
      const from = Math.floor((i * (filled.length - length)) / Math.max(1, each - 1));
      return { name: `${name} from ${from}`, series: scaled(filled.slice(from, from + length)) };
    });
  });
}

/** In its own standard deviations: the Python package's prior of the level has a fixed size, which bytes exceed. */
function scaled(series: Float64Array): Float64Array {
  const mean = series.reduce((sum, value) => sum + value, 0) / series.length;
  const deviation = Math.sqrt(series.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / series.length);
  return deviation > 0 ? series.map((value) => value / deviation) : series;
}

const { values: args } = parseArgs({
  options: {
    traces: { type: "string" },
    fits: { type: "string", default: "200" },
    compared: { type: "string", default: "60" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (args.help || !args.traces) {
  console.log(HELP);
  process.exit(args.help ? 0 : 2);
}
const chosen = windows(args.traces, Number(args.fits));
const every = Math.max(1, Math.floor(chosen.length / Number(args.compared)));
const fitter = createArimaFitter({ budget: 60_000 });
const oracle = new PythonOracle("arima-oracle.py");
const rows: Row[] = [];
for (const [index, { name, series }] of chosen.entries()) {
  const began = performance.now();
  try {
    const fit = await fitter.fit(() => ({ series }));
    const fitted = performance.now();
    await fitter.fit(() => ({ series, known: fit }));
    const row: Row = {
      window: name,
      order: `${fit.ar.length},${fit.d},${fit.ma.length}`,
      chooseMs: fitted - began,
      refitMs: performance.now() - fitted,
      exploded: exploded(series, fit) !== undefined,
    };
    if (index % every !== 0) {
      rows.push(row);
      continue;
    }
    const filter = new ArmaFilter();
    filter.use(fit);
    for (const value of series) filter.update(value);
    const ours = new Float64Array(AHEAD.length);
    filter.forecast(AHEAD, ours);
    const order = [fit.ar.length, fit.d, fit.ma.length];
    const theirs = await oracle.ask<Answer>({ series: Array.from(series), order, ahead: AHEAD.length });
    if (theirs.error !== undefined) rows.push({ ...row, theirError: theirs.error });
    else if (!theirs.converged) rows.push({ ...row, theirError: "not converged" });
    else
      rows.push({
        ...row,
        difference:
          theirs.forecast.reduce((sum, value, k) => sum + Math.abs(value - ours[k]), 0) /
          theirs.forecast.reduce((sum, value) => sum + Math.max(NOTHING, Math.abs(value)), 0),
        likelihood: arimaLikelihood(series, fit) * differenced(series, fit.d).length - theirs.likelihood,
        theirMs: theirs.ms,
      });
  } catch (error) {
    rows.push({
      window: name,
      order: "",
      chooseMs: performance.now() - began,
      refitMs: 0,
      refused: (error as Error).message,
      exploded: false,
    });
  }
}
oracle.close();
await fitter.close();

function table(compared: readonly Row[]): string {
  return [
    "| window | order | log-likelihood over theirs | forecasts differ | order and fit, ms | refit, ms | statsmodels' fit, ms |",
    "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ...compared.map(
      ({ window, order, difference, likelihood, chooseMs, refitMs, theirMs, theirError }) =>
        `| ${window} | ${order} | ${likelihood?.toFixed(3) ?? theirError} | ${difference === undefined ? "" : `${(100 * difference).toFixed(3)} %`} | ${chooseMs.toFixed(0)} | ${refitMs.toFixed(1)} | ${theirMs?.toFixed(0) ?? ""} |`,
    ),
  ].join("\n");
}

function middle(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
}

const compared = rows.filter(({ difference, theirError }) => difference !== undefined || theirError !== undefined);
const refused = rows.filter((row) => row.refused !== undefined);
const converged = compared.filter(({ difference }) => difference !== undefined);
const alike = converged.filter(({ likelihood }) => Math.abs(likelihood!) < SAME);

function summary(some: readonly Row[]): string {
  const differences = some.map(({ difference }) => difference!);
  const within = differences.filter((difference) => difference <= 0.005).length;
  return `${some.length} compared, ${within} forecasts within 0.5 %, ${(100 * middle(differences)).toFixed(3)} % apart in the middle, ${(100 * Math.max(...differences)).toFixed(2)} % at most`;
}

if (args.json) console.log(JSON.stringify({ rows }));
else
  console.log(
    `${table(compared)}\n\n${rows.length} fits, ${rows.filter((row) => row.exploded).length} exploded, ${refused.length} refused ${JSON.stringify(refused.map((row) => row.refused))}; ` +
      `${middle(rows.map((row) => row.chooseMs)).toFixed(0)} ms with the choice of the order, ${middle(rows.map((row) => row.refitMs)).toFixed(1)} ms without\n` +
      `where statsmodels converged: ${summary(converged)}; ours is likelier by more than ${SAME} in ${converged.filter(({ likelihood }) => likelihood! >= SAME).length}, less likely in ${converged.filter(({ likelihood }) => likelihood! <= -SAME).length}\n` +
      `where both found the same maximum (within ${SAME} of log-likelihood): ${summary(alike)}`,
  );
