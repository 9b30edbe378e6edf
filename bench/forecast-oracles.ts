import { parseArgs } from "node:util";
import { createArimaFitter } from "../engine/forecast/arima-fitter.ts";
import { TimedFits } from "../engine/forecast/fitting/timed-fits.ts";
import type { ForecastTier } from "../engine/forecast/forecast.port.ts";
import { createForecaster } from "../engine/forecast/forecaster.ts";
import { pinball } from "../engine/forecast/pinball.ts";
import { createProphetFitter } from "../engine/forecast/prophet/prophet-fitter.ts";
import { PythonOracle } from "./python-oracle.ts";
import { type RecordedSeries, readSeries, traceFiles } from "./read-trace.ts";

/** Accuracy and time of the forecaster beside those of statsforecast and prophet, from the same origins of the same traces in one run. */
const HELP = `usage: node bench/forecast-oracles.ts --traces DIR [--origins 40] [--split 0.55] [--models LIST] [--json]

  --traces DIR      CSV files, searched in folders too; the first column of each is forecast
  --origins N       forecasts a trace, at equal distances after the history
  --split SHARE     what share of a trace is history before the first forecast
  --models LIST     which of AutoARIMA, AutoETS, MSTL, prophet to compare with
  --json            one JSON object instead of tables

Ours runs through every tick and is read at the origins. The others are fitted anew at each origin, on the last day at a step
of a minute and the last week at longer ones (AutoARIMA, AutoETS, without a season: one of hundreds of ticks would take them hours), on three
days or a week with the day as season (MSTL), and on one week or two (prophet). Times are of CPU, all threads and processes included.

The Python packages are installed once, in a virtual environment below the user's cache directory.
example: node bench/forecast-oracles.ts --traces ../traces`;

const DAY = 86_400;
const MINUTES = [5, 15, 30, 60];
const LEVELS = [0.5, 0.9, 0.99];
const OTHERS = ["AutoARIMA", "AutoETS", "MSTL", "prophet"] as const;
type Other = (typeof OTHERS)[number];
const OURS: readonly ForecastTier[] = ["fast", "accurate"];

/** Losses of one way of forecasting on one trace. */
interface Result {
  readonly trace: string;
  readonly model: string;
  /** Mean pinball loss over the levels, over the mean of the trace, by horizon. */
  readonly losses: readonly number[];
  /** Milliseconds of CPU a forecast: what it takes to have one at another tick. */
  readonly ms: number;
  /** Of these, what fits on other threads take, spread over the ticks. */
  readonly fitMs: number;
}

interface Origins {
  /** The tick whose end a forecast is made at. */
  readonly at: readonly number[];
  readonly horizons: readonly number[];
}

function originsOf({ values, step }: RecordedSeries, split: number, count: number): Origins {
  const horizons = MINUTES.map((minutes) => Math.max(1, Math.round((minutes * 60) / step)));
  const from = Math.floor(values.length * split);
  const last = values.length - 1 - horizons[horizons.length - 1];
  return {
    horizons,
    at: Array.from({ length: count }, (_, i) => from + Math.floor(((i + 0.5) * (last - from)) / count)),
  };
}

/** Adds up losses of quantiles, given as `quantiles[level][horizon]`. */
class Losses {
  private readonly sums = new Float64Array(MINUTES.length);
  private readonly counts = new Float64Array(MINUTES.length);
  private readonly values: Float64Array;
  private readonly horizons: readonly number[];

  constructor({ values }: RecordedSeries, { horizons }: Origins) {
    this.values = values;
    this.horizons = horizons;
  }

  add(origin: number, quantiles: readonly ArrayLike<number>[]): void {
    this.horizons.forEach((horizon, k) => {
      const value = this.values[origin + horizon];
      if (Number.isNaN(value)) return;
      this.counts[k]++;
      LEVELS.forEach((level, l) => {
        this.sums[k] += pinball(level, value, quantiles[l][k]) / LEVELS.length;
      });
    });
  }

  result(): number[] {
    // What came at a few origins may be nothing at all; the whole trace is not.
    const mean = this.values.reduce((sum, value) => sum + value, 0) / this.values.length;
    return Array.from(this.sums, (sum, k) => sum / this.counts[k] / mean);
  }
}

async function ours(series: RecordedSeries, origins: Origins, tier: ForecastTier): Promise<Result> {
  const parts = { arima: createArimaFitter({ budget: 60_000 }), prophet: createProphetFitter({ budget: 60_000 }) };
  const fits = new TimedFits(() => performance.now());
  const { step, startsAt, values } = series;
  const options = { series: "cpu", step, season: DAY, levels: LEVELS, horizons: origins.horizons, seed: 1 } as const;
  const forecaster = createForecaster(
    { ...options, tier, startsAt },
    { arima: fits.timed(parts.arima), prophet: fits.timed(parts.prophet), runFit: fits.runFit },
  );
  const losses = new Losses(series, origins);
  const at = new Set(origins.at);
  const before = { all: milliseconds(process.cpuUsage()), thread: milliseconds(process.threadCpuUsage()) };
  for (let tick = 0; tick < values.length; tick++) {
    forecaster.update(values[tick]);
    const { values: quantiles } = forecaster.forecast();
    if (at.has(tick)) losses.add(tick, quantiles);
    await fits.settled();
  }
  const all = milliseconds(process.cpuUsage()) - before.all;
  const thread = milliseconds(process.threadCpuUsage()) - before.thread;
  await Promise.all([parts.arima.close(), parts.prophet.close()]);
  return {
    trace: series.name,
    model: `foreshadow, ${tier}`,
    losses: losses.result(),
    ms: all / values.length,
    fitMs: Math.max(0, all - thread) / values.length,
  };
}

function milliseconds({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1_000;
}

/** Ticks that a model is fitted on. */
function windowOf(model: Other, step: number): number {
  const minutely = step < 300;
  const days = {
    AutoARIMA: minutely ? 1 : 7,
    AutoETS: minutely ? 1 : 7,
    MSTL: minutely ? 3 : 7,
    prophet: minutely ? 7 : 14,
  }[model];
  return Math.round((days * DAY) / step);
}

async function others(
  oracle: PythonOracle,
  series: RecordedSeries,
  { at, horizons }: Origins,
  model: Other,
): Promise<Result> {
  const { step, startsAt, name } = series;
  const losses = new Losses(series, { at, horizons });
  let ms = 0;
  for (const origin of at) {
    const first = Math.max(0, origin + 1 - windowOf(model, step));
    const answer = await oracle.ask<{ quantiles: number[][]; ms: number }>({
      model,
      values: Array.from(series.values.subarray(first, origin + 1)),
      startsAt: startsAt + first * step,
      step,
      season: Math.round(DAY / step),
      horizons,
      levels: LEVELS,
    });
    losses.add(origin, answer.quantiles);
    ms += answer.ms;
  }
  return { trace: name, model, losses: losses.result(), ms: ms / at.length, fitMs: 0 };
}

/** The others know no gaps: what is missing is the value before. */
function filled(series: RecordedSeries): RecordedSeries {
  const values = series.values.slice();
  for (let i = 1; i < values.length; i++) if (Number.isNaN(values[i])) values[i] = values[i - 1];
  return { ...series, values };
}

function means(results: readonly Result[]): Result[] {
  return [...new Set(results.map(({ model }) => model))].map((model) => {
    const own = results.filter((result) => result.model === model);
    const mean = (read: (result: Result) => number) => own.reduce((sum, result) => sum + read(result), 0) / own.length;
    return {
      trace: `mean of ${own.length}`,
      model,
      losses: MINUTES.map((_, k) => mean(({ losses }) => losses[k])),
      ms: mean(({ ms }) => ms),
      fitMs: mean(({ fitMs }) => fitMs),
    };
  });
}

/** Of the traces, on how many a tier of ours loses less than another model, over all horizons. */
function wins(results: readonly Result[], tier: ForecastTier, other: Other): string {
  const total = (trace: string, model: string) =>
    results
      .find((result) => result.trace === trace && result.model === model)!
      .losses.reduce((sum, loss) => sum + loss, 0);
  const traces = [...new Set(results.map(({ trace }) => trace))];
  const won = traces.filter((trace) => total(trace, `foreshadow, ${tier}`) < total(trace, other));
  return `${tier} loses less than ${other} on ${won.length} of ${traces.length} traces`;
}

const HEADER = [
  `| trace | model | mean pinball loss at ${MINUTES.join(" / ")} min | mean of them | ms a forecast | of which fits off the thread |`,
  "| --- | --- | --- | ---: | ---: | ---: |",
];

function row({ trace, model, losses, ms, fitMs }: Result): string {
  const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  const cells = losses.map((loss) => loss.toFixed(4)).join(" / ");
  return `| ${trace} | ${model} | ${cells} | ${mean.toFixed(4)} | ${ms.toFixed(3)} | ${fitMs.toFixed(3)} |`;
}

const { values: args } = parseArgs({
  options: {
    traces: { type: "string" },
    origins: { type: "string", default: "40" },
    split: { type: "string", default: "0.55" },
    models: { type: "string", default: OTHERS.join(",") },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (args.help || !args.traces) {
  console.log(HELP);
  process.exit(args.help ? 0 : 2);
}
const chosen = OTHERS.filter((name) => args.models.split(",").includes(name));
const results: Result[] = [];
const oracle = new PythonOracle("forecast-oracles.py");
// A row as soon as there is one: all of them take long.
const print = (rows: readonly string[]) => {
  if (!args.json) for (const line of rows) console.log(line);
};
const record = (result: Result) => {
  results.push(result);
  print([row(result)]);
};
print(HEADER);
for (const path of traceFiles(args.traces)) {
  const series = filled(readSeries(path)[0]);
  const origins = originsOf(series, Number(args.split), Number(args.origins));
  // The first question compiles what statsforecast runs on: it is asked once and not counted.
  if (results.length === 0)
    for (const model of chosen) await others(oracle, series, { ...origins, at: origins.at.slice(0, 1) }, model);
  for (const tier of OURS) record(await ours(series, origins, tier));
  for (const model of chosen) record(await others(oracle, series, origins, model));
}
oracle.close();
if (args.json) console.log(JSON.stringify({ results, mean: means(results) }));
else {
  print(means(results).map(row));
  print(["", ...OURS.flatMap((tier) => chosen.map((other) => wins(results, tier, other)))]);
}
