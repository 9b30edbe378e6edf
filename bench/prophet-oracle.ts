import { parseArgs } from "node:util";
import { prophetAt } from "../engine/forecast/prophet/prophet-curve.ts";
import { ProphetDesign } from "../engine/forecast/prophet/prophet-design.ts";
import { fitProphet } from "../engine/forecast/prophet/prophet-fit.ts";
import { rowAt } from "../engine/forecast/prophet/prophet-layout.ts";
import { mapEstimate } from "../engine/forecast/prophet/prophet-map.ts";
import { logPosterior, priorsOf } from "../engine/forecast/prophet/prophet-posterior.ts";
import type { PlannedEvent } from "../model/planned-event.ts";
import { PythonOracle } from "./python-oracle.ts";
import { averaged, type RecordedSeries, readSeries, traceFiles } from "./read-trace.ts";

/** The curve fitter beside the Python package `prophet` on the same data: posterior, forecasts, time. */
const HELP = `usage: node bench/prophet-oracle.ts --traces DIR [--json]

  --traces DIR   CSV files, searched in folders too; every column is fitted on its first 7, 14.5 and 27 days, averaged to 15 minutes
  --json         one JSON object instead of a table

The Python packages are installed once, in a virtual environment below the user's cache directory.
example: node bench/prophet-oracle.ts --traces ../traces`;

const DAY = 86_400;
const STEP = 900;
const DAYS = [7, 14.5, 27];
/** Days ahead that forecasts are compared over. */
const AHEAD = 1;

/** The package as it is, and with its slower optimiser, Newton's method, which gets nearer to the maximum. */
interface Answers {
  readonly usual: Answer & { readonly fitMs: number };
  readonly newton: Answer;
}

interface Answer {
  readonly k: number;
  readonly m: number;
  readonly delta: readonly number[];
  readonly beta: readonly number[];
  readonly sigma: number;
  readonly forecast: readonly number[];
  readonly forecastMs: number;
}

interface Difference {
  /** Log-posterior at our parameters less that at theirs. */
  readonly posterior: number;
  /** Mean |difference| of the forecasts over the mean of theirs. */
  readonly forecast: number;
}

interface Row {
  readonly series: string;
  readonly days: number;
  readonly usual: Difference;
  readonly newton: Difference;
  readonly ourMs: number;
  readonly sharedMs: number;
  readonly theirMs: number;
}

/** Two hours every third day: what the regressor is for does not matter, only that both have the same. */
function events(startsAt: number, days: number): PlannedEvent[] {
  const first = Math.ceil(startsAt / STEP) * STEP + 10 * 3_600 - STEP / 2;
  return Array.from({ length: Math.ceil((days + AHEAD) / 3) }, (_, i) => {
    const from = first + 3 * i * DAY;
    return { name: "batch", from, to: from + 7_200 };
  });
}

async function compare(oracle: PythonOracle, series: RecordedSeries, days: number): Promise<Row> {
  const length = Math.round((days * DAY) / STEP);
  const values = series.values.slice(0, length);
  const startsAt = Math.round(series.startsAt / STEP) * STEP;
  const calendar = events(startsAt, days);
  const grid = { startsAt, step: STEP, length, season: DAY };
  const began = performance.now();
  const design = new ProphetDesign(grid, calendar);
  const designed = performance.now();
  const parameters = fitProphet(design, values);
  const ahead = Array.from({ length: (AHEAD * DAY) / STEP }, (_, i) => startsAt + (length + i) * STEP);
  const forecast = ahead.map((at) => prophetAt(parameters, at, STEP, calendar));
  const ended = performance.now();

  const measured = Array.from({ length }, (_, i) => i).filter((i) => !Number.isNaN(values[i]));
  const row = new Float64Array(design.size);
  const indicator = (at: number) => {
    rowAt(design.layout, at, row);
    return row[design.size - 1];
  };
  const at = measured.map((i) => startsAt + i * STEP);
  const { usual, newton } = await oracle.ask<Answers>({
    at,
    values: measured.map((i) => values[i]),
    ahead,
    events: { batch: { past: at.map(indicator), ahead: ahead.map(indicator) } },
  });
  const scale = values.reduce((most, value) => (Math.abs(value) > most ? Math.abs(value) : most), 0);
  const moments = design.moments(values, scale);
  const priors = priorsOf(design.layout, design.size);
  const ours = mapEstimate(moments, priors)!;
  const highest = logPosterior(moments, priors, ours.theta, ours.sigma);
  const differenceTo = (theirs: Answer): Difference => {
    // Theirs has sine before cosine in each pair; the event comes last, as ours does.
    const beta = theirs.beta.map((_, i) => theirs.beta[i === theirs.beta.length - 1 ? i : i ^ 1]);
    const theta = Float64Array.from([theirs.k, theirs.m, ...theirs.delta, ...beta]);
    if (theta.length !== design.size)
      throw new Error(
        `${series.name}: expected ${design.size} parameters of the Python package, found ${theta.length}`,
      );
    return {
      posterior: highest - logPosterior(moments, priors, theta, theirs.sigma),
      forecast:
        forecast.reduce((sum, value, i) => sum + Math.abs(value - theirs.forecast[i]), 0) /
        theirs.forecast.reduce((sum, value) => sum + Math.abs(value), 0),
    };
  };
  return {
    series: series.name,
    days,
    usual: differenceTo(usual),
    newton: differenceTo(newton),
    ourMs: ended - designed,
    sharedMs: designed - began,
    theirMs: usual.fitMs + usual.forecastMs,
  };
}

function table(rows: readonly Row[]): string {
  return [
    "| series | days | log-posterior over Stan's: as it is / by Newton | forecasts differ: as it is / by Newton | ours, ms | shared by a grid, ms | Python, ms |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...rows.map(
      ({ series, days, usual, newton, ourMs, sharedMs, theirMs }) =>
        `| ${series} | ${days} | ${usual.posterior.toFixed(3)} / ${newton.posterior.toFixed(6)} | ${percent(usual.forecast)} / ${percent(newton.forecast)} | ${ourMs.toFixed(1)} | ${sharedMs.toFixed(1)} | ${theirMs.toFixed(0)} |`,
    ),
  ].join("\n");
}

function summary(rows: readonly Row[], read: (row: Row) => Difference): string {
  const differences = rows.map((row) => read(row).forecast).sort((a, b) => a - b);
  const least = Math.min(...rows.map((row) => read(row).posterior));
  const within = differences.filter((difference) => difference <= 0.015).length;
  return `log-posterior at least ${least.toExponential(1)} over Stan's; forecasts of the next day apart by ${percent(differences[differences.length >> 1])} in the middle, ${percent(differences[differences.length - 1])} at most; ${within} of ${rows.length} within 1.5 %`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

const { values: args } = parseArgs({
  options: {
    traces: { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (args.help || !args.traces) {
  console.log(HELP);
  process.exit(args.help ? 0 : 2);
}
const oracle = new PythonOracle("prophet-oracle.py");
const rows: Row[] = [];
for (const series of traceFiles(args.traces).flatMap(readSeries)) {
  const coarse = averaged(series, STEP / series.step);
  for (const days of DAYS)
    if (coarse.values.length >= ((days + AHEAD) * DAY) / STEP) rows.push(await compare(oracle, coarse, days));
}
oracle.close();
if (args.json) console.log(JSON.stringify({ rows }));
else
  console.log(
    `${table(rows)}\n\n${rows.length} fits\nas it is: ${summary(rows, (row) => row.usual)}\nby Newton: ${summary(rows, (row) => row.newton)}`,
  );
