import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { WorkloadFeedback } from "../engine/feedback/workload-feedback.ts";
import { type Forecast, pointAt } from "../engine/forecast/forecast.port.ts";
import { createForecaster } from "../engine/forecast/forecaster.ts";
import { daily } from "../engine/forecast/synthetic.ts";
import { FeedbackLoop } from "../engine/loop/feedback-loop.ts";
import { Followers } from "../engine/loop/followers.ts";
import { Forecasting } from "../engine/loop/forecasting.ts";
import { parseTrace } from "../engine/replay/trace.ts";
import { computedUsage } from "../engine/usage/computed-usage.ts";
import { parseProject } from "../model/project.ts";
import { MemoryControlStore } from "../test/change/memory-control-store.ts";
import { replaceSection } from "./doc-section.ts";

/**
 * What a lasting shift of the level does to forecasts, with and without recalibration, through the engine's own feeding. Demand is
 * doubled from a tick on, ten days and a part of a day after the first. Writes the table into docs/feedback.md.
 *
 * Error is the sum of |error| over the sum of demand, of forecasts that were issued 30 to 60 ticks after the shift for one tick and for an hour
 * (at most 30 ticks) ahead; shown is its ratio to that of the same forecaster over the same ticks had nothing shifted. Synthetic: the mean over sixteen series of five minutes a tick.
 * The last column is of whole traces without a shift: the error of ten days with recalibration over that without.
 *
 * Arguments: --traces DIR (five .csv files; without it only synthetic series), --out FILE.
 */
const { values: flags } = parseArgs({ options: { traces: { type: "string" }, out: { type: "string" } } });
const NAMES = ["worldcup98", "pool28", "pool4", "bitbrains-vm411", "bitbrains-vm392"];
const HISTORY_DAYS = 10;
const AFTER = { from: 30, to: 60 };

/** Series on a grid; a day is a whole number of ticks. */
interface Recorded {
  readonly name: string;
  readonly step: number;
  readonly values: Float64Array;
}

interface Run {
  readonly forecasts: readonly (Forecast | undefined)[];
  readonly recalibrations: number;
}

/** Feeds all values tick by tick. `forecasts[t]` was issued at the end of tick t. */
async function run({ step, values }: Recorded, recalibrate: boolean): Promise<Run> {
  const day = Math.round(86_400 / step);
  const project = parseProject(
    `version: 1\nstep: ${step}s\nworkloads:\n  - { name: web, select: { cgroup: /web }, stack: { dir: ".", name: dev }, constraints: web.yaml }\n`,
    "bench",
  );
  const clock = { now: () => 0, monotonic: () => 0 };
  const loop = new FeedbackLoop({ project, control: new MemoryControlStore(), clock }, new Followers(clock));
  const feedback = recalibrate ? await loop.load("web") : new WorkloadFeedback("web", step, 86_400);
  const horizons = [1, 2, 3, 6, 12, 30].filter((ahead) => ahead <= reach(day));
  const forecasting = new Forecasting(
    { workload: "web", step, season: 86_400, levels: [0.1, 0.5, 0.9, 0.99], horizons, decisiveWithin: 6, tier: "fast" },
    stored(values),
    createForecaster,
    undefined,
    feedback,
  );
  const forecasts: (Forecast | undefined)[] = [];
  for (let tick = 0; tick < values.length; tick++) {
    const end = (tick + 1) * step;
    await forecasting.catchUp(["cpu"], end);
    await loop.after("web", end, forecasting);
    forecasts.push(forecasting.forecasts().cpu);
  }
  return { forecasts, recalibrations: loop.figures(0).recalibrations };
}

function stored(values: Float64Array) {
  return computedUsage(({ begin, end }) => values[Math.round(begin / (end - begin))] ?? Number.NaN);
}

/** An hour, at most thirty ticks. */
function reach(day: number): number {
  return Math.min(30, Math.round(day / 24));
}

/** Error of forecasts for `ahead` ticks ahead that were issued at the ends of a span's ticks, over demand. */
function errorOf({ forecasts }: Run, values: Float64Array, ahead: number, from: number, to: number): number {
  let [error, demand] = [0, 0];
  for (let tick = from + ahead; tick < to + ahead; tick++) {
    const forecast = forecasts[tick - ahead];
    if (forecast === undefined || Number.isNaN(values[tick])) continue;
    error += Math.abs(values[tick] - pointAt(forecast, ahead));
    demand += values[tick];
  }
  return error / demand;
}

function shifted({ values, ...rest }: Recorded, at: number, factor: number): Recorded {
  return { ...rest, values: values.map((value, tick) => (tick >= at ? factor * value : value)) };
}

/** Ratios one tick and an hour ahead: without and with recalibration; and over ten days without a shift. */
async function measure(recorded: Recorded, share: number, whole: boolean): Promise<number[]> {
  const day = Math.round(86_400 / recorded.step);
  const at = Math.round((HISTORY_DAYS + share) * day);
  const end = Math.min(recorded.values.length, whole ? at + 4 * day : at + AFTER.to + reach(day));
  const plain = { ...recorded, values: recorded.values.slice(0, end) };
  const doubled = shifted(plain, at, 2);
  const unmoved = await run(plain, false);
  const without = await run(doubled, false);
  const withIt = await run(doubled, true);
  const ratio = (one: Run, ahead: number) =>
    errorOf(one, doubled.values, ahead, at + AFTER.from, at + AFTER.to) /
    errorOf(unmoved, plain.values, ahead, at + AFTER.from, at + AFTER.to);
  const far = reach(day);
  const ratios = [ratio(without, 1), ratio(without, far), ratio(withIt, 1), ratio(withIt, far)];
  if (!whole) return ratios;
  const steady = await run(plain, true);
  const over = (one: Run) => errorOf(one, plain.values, far, 4 * day, end - far);
  return [...ratios, over(steady) / over(unmoved), steady.recalibrations];
}

const rows: string[] = [];
function row(name: string, numbers: readonly number[]): void {
  const cells = numbers.slice(0, 5).map((number) => number.toFixed(2));
  while (cells.length < 5) cells.push("");
  rows.push(`| ${name} | ${cells.join(" | ")} | ${numbers[5]?.toFixed(0) ?? ""} |`);
  console.error(rows[rows.length - 1]);
}

const sums = [0, 0, 0, 0];
let count = 0;
for (const seed of [21, 1, 2, 3])
  for (const share of [0, 0.25, 0.5, 0.7]) {
    const values = Float64Array.from(daily(12 * 288, 288, seed));
    (await measure({ name: "", step: 300, values }, share, false)).forEach((ratio, i) => {
      sums[i] += ratio;
    });
    count++;
  }
row(
  "synthetic",
  sums.map((sum) => sum / count),
);
if (flags.traces !== undefined)
  for (const name of NAMES) {
    const file = join(flags.traces, `${name}.csv`);
    if (!existsSync(file)) continue;
    const { step, series } = parseTrace(readFileSync(file, "utf8"), basename(file));
    const values = [...series.values()][0];
    const all = await Promise.all([0.1, 0.4, 0.7].map((share, i) => measure({ name, step, values }, share, i === 0)));
    const means = [0, 1, 2, 3].map((i) => all.reduce((sum, one) => sum + one[i] / all.length, 0));
    row(name, [...means, all[0][4], all[0][5]]);
  }
const table = [
  "| series | 1 tick ahead, without | an hour ahead, without | 1 tick, with | an hour, with | ten days unshifted, with over without | recalibrations in them |",
  "| --- | --- | --- | --- | --- | --- | --- |",
  ...rows,
].join("\n");
console.log(table);
replaceSection(flags.out ?? "docs/feedback.md", "bench/recalibration.ts", table);
