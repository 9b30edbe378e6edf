import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { WorkloadFeedback } from "../engine/feedback/workload-feedback.ts";
import { createForecaster } from "../engine/forecast/forecaster.ts";
import { decisionHorizons, decisionLevels, decisiveTicks } from "../engine/orchestrator/horizons.ts";
import { parseConstraints } from "../model/constraints.ts";
import { replaceSection } from "./doc-section.ts";

/**
 * Feeds recorded series with labelled anomalies (Numenta Anomaly Benchmark, realAWSCloudwatch and the like) to the engine's forecaster
 * and anomaly detection, tick by tick, with one setting for all: the default. Writes the table into docs/feedback.md.
 *
 * A window is detected when an anomaly begins in it, or one that goes on exceeds its threshold in it. A false alarm is an anomaly that begins
 * outside all windows. Days are those of all series, the first of each included. People are told of an anomaly once it has lasted: the last
 * two columns are of the alerts that opened.
 *
 * Arguments: --traces DIR (with anomaly_windows.json and its .csv files, or with a folder nab that has them), --out FILE.
 */
const { values: flags } = parseArgs({ options: { traces: { type: "string" }, out: { type: "string" } } });
if (flags.traces === undefined) {
  console.error("usage: bench/anomalies.ts --traces DIR [--out docs/feedback.md]");
  process.exit(2);
}
const STEP = 300;
const DAY = 86_400;
const LEAD_TIME = 300;
const WINDOWS = "anomaly_windows.json";
const folder = existsSync(join(flags.traces, WINDOWS)) ? flags.traces : join(flags.traces, "nab");

interface Recorded {
  readonly startsAt: number;
  readonly values: Float64Array;
}

/** Rows `YYYY-MM-DD hh:mm:ss,value` on a grid of five minutes; of two rows of one tick the later counts. */
function read(file: string): Recorded {
  const rows = readFileSync(file, "utf8").trim().split("\n").slice(1);
  const points = rows.map((row) => {
    const [time, value] = row.split(",");
    return { at: seconds(time), value: Number(value) };
  });
  const startsAt = points[0].at;
  const ticks = Math.round((points[points.length - 1].at - startsAt) / STEP) + 1;
  const values = new Float64Array(ticks).fill(Number.NaN);
  for (const { at, value } of points) values[Math.round((at - startsAt) / STEP)] = value;
  return { startsAt, values };
}

function seconds(time: string): number {
  return Date.parse(`${time.trim().replace(" ", "T").slice(0, 19)}Z`) / 1000;
}

interface Found {
  /** Ends of ticks at which an anomaly began, at which one exceeded its threshold, and at which people were told of one. */
  readonly opened: readonly number[];
  readonly exceeded: readonly number[];
  readonly told: readonly number[];
}

function detect({ startsAt, values }: Recorded): Found {
  const constraints = parseConstraints("version: 1\n", "bench");
  const forecaster = createForecaster({
    series: "cpu",
    step: STEP,
    season: DAY,
    levels: decisionLevels(constraints),
    horizons: decisionHorizons(STEP, LEAD_TIME, constraints),
    decisiveWithin: decisiveTicks(STEP, LEAD_TIME, constraints),
    tier: "fast",
    seed: 1,
    startsAt,
  });
  const feedback = new WorkloadFeedback("series", STEP, DAY);
  const opened: number[] = [];
  const exceeded: number[] = [];
  const told: number[] = [];
  values.forEach((value, tick) => {
    const end = startsAt + (tick + 1) * STEP;
    const before = feedback.detected;
    const learnt = feedback.admit({ end, values: new Map([["cpu", value]]) }, () =>
      forecaster.ticks > 0 ? forecaster.forecast() : undefined,
    );
    forecaster.update(learnt.get("cpu")!);
    if (feedback.watch("cpu").ratio > 1) exceeded.push(end);
    if (feedback.detected > before) opened.push(end);
    for (const { change } of feedback.findings(end).alerts) if (change === "opened") told.push(end);
  });
  return { opened, exceeded, told };
}

const labelled = JSON.parse(readFileSync(join(folder, WINDOWS), "utf8")) as Record<string, [string, string][]>;
const files = readdirSync(folder).filter((file) => file.endsWith(".csv") && labelled[file] !== undefined);
const rows: string[] = [];
let [detected, opening, windows, falseAlarms, days, toldIn, toldOutside] = [0, 0, 0, 0, 0, 0, 0];
for (const file of files.sort()) {
  const recorded = read(join(folder, file));
  const spans = labelled[file].map(([from, to]) => [seconds(from), seconds(to)]);
  const within = (at: number, [from, to]: number[]) => at > from && at - STEP <= to;
  const { opened, exceeded, told } = detect(recorded);
  const hit = spans.filter((span) => exceeded.some((at) => within(at, span))).length;
  const openedIn = spans.filter((span) => opened.some((at) => within(at, span))).length;
  const wrong = opened.filter((at) => !spans.some((span) => within(at, span))).length;
  const alerts = spans.filter((span) => told.some((at) => within(at, span))).length;
  const needless = told.filter((at) => !spans.some((span) => within(at, span))).length;
  const length = (recorded.values.length * STEP) / DAY;
  rows.push(
    `| ${file.replace(".csv", "")} | ${hit} of ${spans.length} | ${wrong} | ${(wrong / length).toFixed(2)} | ${alerts} | ${needless} |`,
  );
  toldIn += alerts;
  toldOutside += needless;
  detected += hit;
  opening += openedIn;
  windows += spans.length;
  falseAlarms += wrong;
  days += length;
}
const share = `${detected} of ${windows} (${((100 * detected) / windows).toFixed(1)} %)`;
const table = [
  "| series | labelled windows detected | false alarms | a day | windows told | alerts outside windows |",
  "| --- | --- | --- | --- | --- | --- |",
  ...rows,
  `| **all** | **${share}** | **${falseAlarms}** | **${(falseAlarms / days).toFixed(3)}** | **${toldIn}** | **${toldOutside} (${(toldOutside / days).toFixed(3)} a day)** |`,
  "",
  `In ${opening} of the ${windows} windows an anomaly began; in the others that were detected one that went on already exceeded its threshold.`,
].join("\n");
console.log(table);
replaceSection(flags.out ?? "docs/feedback.md", "bench/anomalies.ts", table);
