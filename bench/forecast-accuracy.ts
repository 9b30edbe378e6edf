import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { type Accuracy, backtest } from "../engine/forecast/backtest.ts";
import {
  type ForecasterOptions,
  type ForecastTier,
  MODEL_NAMES,
  type ModelName,
  type SeriesForecaster,
} from "../engine/forecast/forecast.port.ts";
import { createForecaster } from "../engine/forecast/forecaster.ts";
import { ensembleHere, ThreadedForecastHost } from "../engine/forecast/hosting/host.ts";
import { trainAtOnce } from "../engine/forecast/lstm/candidate.ts";
import type { GlobalModel } from "../engine/forecast/lstm/global-model.port.ts";

/**
 * Accuracy and speed of each model and of their ensemble on recorded traces, at every tick after the history.
 * With `--reference` the same figures of another program, which prints them as JSON for `--trace FILE --json`, stand beside.
 */
const HELP = `usage: node bench/forecast-accuracy.ts --traces DIR [--reference accuracy.py] [--split 0.55] [--models] [--lstm] [--json]

  --traces DIR       CSV files with a timestamp in epoch seconds and a first column to forecast
  --reference FILE   a Python program to compare with (needs numpy)
  --split SHARE      what share of a trace is history before the first scored forecast
  --models           each model alone as well as the ensemble
  --fleet            the fleet, which forecasts many series at once, by its fast path and with its regressions
  --lstm             the global LSTM alone, and the ensemble with it: trained on what lies before the split of all traces,
                     one model for each step, those of a finer step taken as means
  --json             one JSON object instead of tables

example: node bench/forecast-accuracy.ts --traces ../traces --reference ../reference/accuracy.py`;

/** Models that need a fitter on another thread, or training first. */
const OFF_THREAD: readonly ModelName[] = ["arima", "prophet", "lstm"];
const MINUTES = [5, 15, 30, 60];
const LEVELS = [0.5, 0.9, 0.95, 0.99];

interface Row {
  readonly trace: string;
  readonly model: string;
  readonly horizons: readonly Accuracy[];
  readonly ticksPerSecond?: number;
}

interface Trace {
  readonly name: string;
  readonly path: string;
  readonly step: number;
  readonly values: Float64Array;
}

function readTrace(path: string): Trace {
  const rows = readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(",", 2).map(Number));
  const step = Math.round((rows[1][0] - rows[0][0]) / 60) * 60;
  return { name: basename(path, ".csv"), path, step, values: Float64Array.from(rows, (row) => row[1]) };
}

/** The first tick after the history. */
function splitAt({ step, values }: Trace, split: number): number {
  const season = 86_400 / step;
  return Math.floor(Math.floor(values.length * split) / season) * season;
}

/** The model of a step, from the histories of all traces of that step or a finer one. */
function globalModelOf(step: number, traces: readonly Trace[], split: number): GlobalModel {
  const series = traces
    .filter((trace) => step % trace.step === 0)
    .map((trace) => {
      const share = step / trace.step;
      const mean = (_: unknown, i: number) => {
        let sum = 0;
        for (let j = 0; j < share; j++) sum += trace.values[i * share + j];
        return sum / share;
      };
      return Float32Array.from({ length: Math.floor(splitAt(trace, split) / share) }, mean);
    });
  const outcome = trainAtOnce({ series, step, season: 86_400 / step, seed: 1, at: 0 });
  if ("model" in outcome) return outcome.model;
  throw new Error(`no global model of ${step} s a tick: ${outcome.kept}`);
}

const TOGETHER: readonly ModelName[] = ["naive", "seasonal naive", "ewma profile", "seasonal ar", "lstm"];

function optionsFor({ step }: Trace, tier: ForecastTier, models?: readonly ModelName[]): ForecasterOptions {
  const horizons = MINUTES.map((m) => Math.max(1, Math.round((m * 60) / step)));
  return { series: "cpu", step, season: 86_400, levels: LEVELS, horizons, tier, models, seed: 1, startsAt: 0 };
}

function measure(trace: Trace, split: number, models?: readonly ModelName[], model?: GlobalModel): Row {
  const options = optionsFor(trace, "fast", models);
  const forecaster = createForecaster(options, { globalModel: { current: model, absence: "none was trained" } });
  const name = models === TOGETHER ? "ensemble with lstm" : models ? models.join(", ") : "ensemble";
  return score(trace, split, name, forecaster);
}

/** One series of a fleet of so many that none has an ensemble. */
function measureFleet(trace: Trace, split: number, tier: "fast" | "balanced", model?: GlobalModel): Row {
  const host = new ThreadedForecastHost({
    step: trace.step,
    season: 86_400,
    workloads: 10_000,
    say: (text) => console.error(text),
    ensembles: ensembleHere(createForecaster),
    ...(model && { globalModel: { current: model, absence: "" } }),
  });
  return score(trace, split, `fleet, ${tier}${model ? " with lstm" : ""}`, host.create(optionsFor(trace, tier)));
}

function score(trace: Trace, split: number, model: string, forecaster: SeriesForecaster): Row {
  const { step, values } = trace;
  const season = 86_400 / step;
  const from = splitAt(trace, split);
  const { horizons } = optionsFor(trace, "fast");
  const started = performance.now();
  const accuracy = backtest(values, forecaster, { season, from });
  const seconds = (performance.now() - started) / 1_000;
  return {
    trace: trace.name,
    model,
    horizons: horizons.map((h) => accuracy.get(h)!),
    ticksPerSecond: values.length / seconds,
  };
}

function reference(program: string, trace: Trace, split: number): Row[] {
  const printed = execFileSync("python3", [program, "--trace", trace.path, "--split", String(split), "--json"], {
    encoding: "utf8",
    maxBuffer: 1 << 24,
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
  });
  const { models } = JSON.parse(printed) as { models: Record<string, Record<string, Accuracy>> };
  return ["seasonal ar", "ensemble"].map((name) => ({
    trace: trace.name,
    model: `reference ${name}`,
    horizons: MINUTES.map((m) => models[name][`${m}m`]),
  }));
}

function average(rows: readonly Row[]): Row[] {
  const names = [...new Set(rows.map((row) => row.model))];
  return names.map((model) => {
    const own = rows.filter((row) => row.model === model);
    const mean = (read: (a: Accuracy) => number, k: number) =>
      own.reduce((sum, row) => sum + read(row.horizons[k]), 0) / own.length;
    const speeds = own.flatMap((row) => row.ticksPerSecond ?? []);
    return {
      trace: "mean",
      model,
      horizons: MINUTES.map((_, k) => ({
        mase: mean((a) => a.mase, k),
        smape: mean((a) => a.smape, k),
        pinball: Object.fromEntries(LEVELS.map((l) => [l, mean((a) => a.pinball[l], k)])),
        coverage: Object.fromEntries(LEVELS.map((l) => [l, mean((a) => a.coverage[l], k)])),
        samples: own.reduce((sum, row) => sum + row.horizons[k].samples, 0),
      })),
      ticksPerSecond: speeds.length > 0 ? speeds.reduce((a, b) => a + b, 0) / speeds.length : undefined,
    };
  });
}

function table(rows: readonly Row[]): string {
  const cells = (row: Row, read: (a: Accuracy) => string) => row.horizons.map(read).join(" / ");
  const lines = rows.map((row) =>
    [
      row.trace,
      row.model,
      cells(row, (a) => a.mase.toFixed(3)),
      cells(row, (a) => a.pinball["0.99"].toFixed(4)),
      cells(row, (a) => a.coverage["0.99"].toFixed(4)),
      row.ticksPerSecond ? Math.round(row.ticksPerSecond).toLocaleString("en") : "",
    ].join(" | "),
  );
  return [
    "| trace | model | MASE at 5 / 15 / 30 / 60 min | pinball loss, .99 | coverage, .99 | ticks/s |",
    "| --- | --- | --- | --- | --- | --- |",
    ...lines.map((line) => `| ${line} |`),
  ].join("\n");
}

const { values: args } = parseArgs({
  options: {
    traces: { type: "string" },
    reference: { type: "string" },
    split: { type: "string", default: "0.55" },
    models: { type: "boolean", default: false },
    fleet: { type: "boolean", default: false },
    lstm: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (args.help || !args.traces) {
  console.log(HELP);
  process.exit(args.help ? 0 : 2);
}
const split = Number(args.split);
const rows: Row[] = [];
const traces = readdirSync(args.traces)
  .filter((name) => name.endsWith(".csv"))
  .map((name) => readTrace(join(args.traces!, name)));
const trained = new Map<number, GlobalModel>();
if (args.lstm)
  for (const { step } of traces) if (!trained.has(step)) trained.set(step, globalModelOf(step, traces, split));
for (const trace of traces) {
  if (args.reference) rows.push(...reference(args.reference, trace, split));
  if (args.models)
    for (const name of MODEL_NAMES) if (!OFF_THREAD.includes(name)) rows.push(measure(trace, split, [name]));
  rows.push(measure(trace, split));
  if (args.fleet) rows.push(measureFleet(trace, split, "fast"), measureFleet(trace, split, "balanced"));
  const model = trained.get(trace.step);
  if (model) rows.push(measure(trace, split, ["lstm"], model), measure(trace, split, TOGETHER, model));
  if (model && args.fleet) rows.push(measureFleet(trace, split, "balanced", model));
}
if (args.json) console.log(JSON.stringify({ rows, mean: average(rows) }));
else console.log(`${table([...rows, ...average(rows)])}`);
