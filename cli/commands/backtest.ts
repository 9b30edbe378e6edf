import { basename } from "node:path";
import type { Command } from "commander";
import { createArimaFitter } from "../../engine/forecast/arima-fitter.ts";
import {
  BACKTESTED,
  type Backtested,
  backtestModel,
  type ModelAccuracy,
  type ModelBacktest,
} from "../../engine/forecast/backtest-models.ts";
import { trainAtOnce } from "../../engine/forecast/lstm/candidate.ts";
import type { GlobalModelSource } from "../../engine/forecast/lstm/global-model.port.ts";
import { createProphetFitter } from "../../engine/forecast/prophet/prophet-fitter.ts";
import { readInput } from "../../engine/project-files.ts";
import { type ColumnSeries, parseColumns } from "../../engine/replay/columns.ts";
import { InputError } from "../../model/input-error.ts";
import { contextOf } from "../context.ts";
import { durationArgument } from "../duration-argument.ts";
import { EXIT } from "../exit-code.ts";
import { paced, table } from "../output.ts";

const LEVELS = [0.5, 0.9, 0.95, 0.99];
/** A fit may take so long before it counts as failed: here nothing waits for it. */
const FIT_BUDGET = 60_000;

interface BacktestArguments {
  readonly trace: string;
  readonly column?: string;
  readonly models: string;
  readonly horizons: string;
  readonly season: string;
  readonly split: string;
}

/** One horizon of one model, as it is printed. */
type Printed = Omit<ModelAccuracy, "samples">;

export default function define(program: Command): Command {
  return program
    .command("backtest")
    .requiredOption("--trace <file>", "CSV: a header line, a timestamp and any columns of numbers")
    .option("--column <name>", "column to forecast (default: the first beside the timestamp)")
    .option("--models <names>", `all, or some of ${BACKTESTED.join(", ")}`, "all")
    .option("--horizons <durations>", "how far ahead", "5m,15m,30m,60m")
    .option("--season <duration>", "length of the daily pattern", "24h")
    .option("--split <share>", "share of the trace that is history before the first scored forecast", "0.55")
    .addHelpText(
      "after",
      "\nExample:\n  foreshadow backtest --trace web.csv --models all --horizons 5m,15m,30m,60m\n\nEach model sees the trace as it would have come, one value a tick, and every forecast made after the history is compared with what came.\nMASE: mean error over the mean difference from one season to the next. Pinball loss: over the mean of what came. `ensemble` is what the engine runs.",
    )
    .action(async (options: BacktestArguments, command: Command) => {
      const { output } = contextOf(command);
      const columns = parseColumns(readInput(options.trace), options.trace);
      const series = chosen(columns, options);
      const season = durationArgument("--season", options.season);
      const horizons = horizonsOf(options.horizons, series.step);
      const names = namesOf(options.models);
      const from = firstScored(series, season, options.split);
      const learning = names.includes("lstm") || names.includes("ensemble");
      if (learning) output.progress("lstm: training on the history");
      const told = paced(output);
      const began = performance.now();
      const histories = columns.map(({ values }) => Float32Array.from(values.subarray(0, from)));
      const globalModel = learning ? trainedOn(histories, series.step, season) : undefined;
      const trainingMs = performance.now() - began;
      const parts = {
        globalModel,
        arima: createArimaFitter({ budget: FIT_BUDGET }),
        prophet: createProphetFitter({ budget: FIT_BUDGET }),
      };
      const models: Record<string, Record<string, Printed>> = {};
      const silent: Record<string, string> = {};
      try {
        for (const name of names) {
          const result = await backtest(name, {
            values: series.values,
            startsAt: series.startsAt,
            step: series.step,
            season,
            from,
            horizons: [...new Set(horizons.values())].sort((a, b) => a - b),
            levels: LEVELS,
            tier: "accurate",
            parts,
            trainingMs,
            clock: () => performance.now(),
            progress: (tick) =>
              told(() => `${name}: ${Math.round((100 * tick) / series.values.length)} % of the trace`),
          });
          if (typeof result === "string") silent[name] = result;
          else
            models[name] = Object.fromEntries(
              [...horizons].map(([text, ticks]) => {
                const { samples: _, ...printed } = result.get(ticks)!;
                return [text, printed];
              }),
            );
        }
      } finally {
        await Promise.all([parts.arima.close(), parts.prophet.close()]);
      }
      for (const [name, reason] of Object.entries(silent)) process.stderr.write(`foreshadow: ${name}: ${reason}\n`);
      output.result({ trace: options.trace, column: series.column, models }, () => [
        `${basename(options.trace)}, ${series.column}: ${series.values.length} ticks of ${series.step} s`,
        ...rows(models),
      ]);
      if (Object.keys(models).length === 0) process.exitCode = EXIT.failed;
    });
}

/** The global model, as it would be with the series of this file alone. */
function trainedOn(series: readonly Float32Array[], step: number, season: number): GlobalModelSource {
  const input = { series, step, season: Math.round(season / step), seed: 1, at: 0 };
  try {
    const outcome = trainAtOnce(input);
    return "model" in outcome ? { current: outcome.model, absence: "" } : { current: undefined, absence: outcome.kept };
  } catch (error) {
    return { current: undefined, absence: (error as Error).message };
  }
}

/** An option that the forecaster refuses came from the command line. */
async function backtest(name: Backtested, options: ModelBacktest) {
  try {
    return await backtestModel(name, options);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const [, option, expected, found] = /^(\w+): expected (.*), found (.*)$/s.exec(error.message) ?? [];
    if (option === undefined) throw error;
    throw new InputError(`--${option}`, [{ path: "", expected, found }]);
  }
}

function chosen(columns: readonly ColumnSeries[], { trace, column }: BacktestArguments): ColumnSeries {
  const found = column === undefined ? columns[0] : columns.find((one) => one.column === column);
  if (found) return found;
  throw new InputError(trace, [
    { path: "", expected: `the column ${column}`, found: columns.map((one) => one.column).join(", ") },
  ]);
}

function namesOf(text: string): readonly Backtested[] {
  if (text.trim() === "all") return BACKTESTED;
  return text.split(",").map((part) => {
    const name = BACKTESTED.find((one) => one === part.trim());
    if (name) return name;
    throw new InputError("--models", [{ path: "", expected: `all, or some of ${BACKTESTED.join(", ")}`, found: part }]);
  });
}

/** Ticks ahead by the duration that was asked for; at least one. */
function horizonsOf(text: string, step: number): Map<string, number> {
  return new Map(
    text.split(",").map((part) => {
      const name = part.trim();
      return [name, Math.max(1, Math.round(durationArgument("--horizons", name) / step))];
    }),
  );
}

/** The end of the history: a whole number of seasons where there are two, so that errors can be set against seasonal differences. */
function firstScored({ values, step }: ColumnSeries, season: number, split: string): number {
  const share = Number(split);
  if (!(share > 0 && share < 1))
    throw new InputError("--split", [{ path: "", expected: "a share between 0 and 1", found: split }]);
  const ticks = Math.round(season / step);
  const history = Math.floor(values.length * share);
  const from = history >= 2 * ticks ? history - (history % ticks) : history;
  if (from > ticks) return from;
  throw new InputError("--trace", [
    {
      path: "",
      expected: `more than one season (${ticks} ticks) of history before the split at ${split}`,
      found: `${history} ticks of ${values.length}`,
    },
  ]);
}

function rows(models: Readonly<Record<string, Readonly<Record<string, Printed>>>>): string[] {
  const figures = Object.entries(models).flatMap(([name, horizons]) =>
    Object.entries(horizons).map(([horizon, { mase, smape, pinball, coverage, msPerFit, msPerForecast }]) => [
      name,
      horizon,
      mase.toFixed(3),
      `${smape.toFixed(1)} %`,
      pinball["0.5"].toFixed(4),
      pinball["0.99"].toFixed(4),
      `${(100 * coverage["0.99"]).toFixed(1)} %`,
      msPerFit.toFixed(2),
      msPerForecast.toFixed(4),
    ]),
  );
  return table([
    ["model", "ahead", "MASE", "sMAPE", "pinball .5", "pinball .99", "coverage .99", "ms a fit", "ms a forecast"],
    ...figures,
  ]);
}
