import { METRICS, type Metric, SERIES, type SeriesName, seriesValue } from "../../model/dimension.ts";
import { InputError } from "../../model/input-error.ts";
import { formatInstant, parseInstant } from "../../model/instant.ts";

/** A recorded workload on a regular grid of time. */
export interface Trace {
  /** Epoch seconds at which the first tick begins. */
  readonly startsAt: number;
  /** Seconds a tick. */
  readonly step: number;
  readonly ticks: number;
  /** Demand of the workload as a whole, one value a tick; NaN where the trace has a gap. Units as in `model/dimension.ts`. */
  readonly series: ReadonlyMap<SeriesName, Float64Array>;
}

/** Bounds on what is read: two years of minutes, and as much text as that takes. */
const MOST_TICKS = 1_100_000;
const MOST_CHARACTERS = 256 * 1024 * 1024;
const EXPECTED_COLUMNS = `timestamp and any of ${METRICS.join(", ")}`;

/**
 * Reads a trace: a header line, then one row a tick with `timestamp` (epoch seconds or ISO 8601) in ascending order. An empty field or
 * `NaN` is a gap, and so is every tick that the grid has and the file has not.
 *
 * @throws InputError with file, line, column and what was expected
 */
export function parseTrace(text: string, file: string): Trace {
  if (text.length > MOST_CHARACTERS)
    throw problem(file, undefined, "", `at most ${MOST_CHARACTERS} characters`, `${text.length}`);
  const lines = text.split("\n");
  const columns = parseHeader(lines[0] ?? "", file);
  const times: number[] = [];
  const places: number[] = [];
  const cells: number[][] = columns.metrics.map(() => []);
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i].trim();
    if (line === "") continue;
    const fields = line.split(",");
    if (fields.length !== columns.count)
      throw problem(file, i + 1, "", `${columns.count} fields`, `${fields.length} in "${short(line)}"`);
    const at = parseInstant(fields[columns.timestamp].trim());
    if (at === undefined || !Number.isFinite(at))
      throw problem(file, i + 1, "timestamp", "epoch seconds or ISO 8601", `"${short(fields[columns.timestamp])}"`);
    if (times.length > 0 && at <= times[times.length - 1])
      throw problem(
        file,
        i + 1,
        "timestamp",
        `later than ${formatInstant(times[times.length - 1])} of line ${places[places.length - 1]}`,
        formatInstant(at),
      );
    if (times.length >= MOST_TICKS) throw problem(file, i + 1, "", `at most ${MOST_TICKS} rows`, "more");
    times.push(at);
    places.push(i + 1);
    for (const [c, { metric, index }] of columns.metrics.entries())
      cells[c].push(parseValue(fields[index].trim(), file, i + 1, metric));
  }
  if (times.length < 2) throw problem(file, undefined, "", "at least two rows, to know the step", `${times.length}`);
  return onGrid(file, times, places, columns.metrics, cells);
}

interface Columns {
  readonly count: number;
  readonly timestamp: number;
  readonly metrics: readonly { readonly metric: Metric; readonly index: number }[];
}

function parseHeader(header: string, file: string): Columns {
  const names = header
    .replace(/^\uFEFF/, "")
    .trim()
    .split(",")
    .map((name) => name.trim());
  const timestamp = names.indexOf("timestamp");
  if (timestamp < 0) throw problem(file, 1, "", EXPECTED_COLUMNS, `"${short(header)}"`);
  const metrics = names.flatMap((name, index) => {
    if (index === timestamp) return [];
    if (!METRICS.includes(name as Metric)) throw problem(file, 1, name, EXPECTED_COLUMNS, `"${short(name)}"`);
    if (names.indexOf(name) !== index) throw problem(file, 1, name, "each column once", "it twice");
    return [{ metric: name as Metric, index }];
  });
  if (metrics.length === 0) throw problem(file, 1, "", EXPECTED_COLUMNS, "timestamp alone");
  return { count: names.length, timestamp, metrics };
}

function parseValue(text: string, file: string, line: number, metric: Metric): number {
  if (text === "" || text === "NaN") return Number.NaN;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0)
    throw problem(file, line, metric, "a number of at least 0, or nothing for a gap", `"${short(text)}"`);
  return value;
}

/** Places rows on the grid that the least distance between two of them spans. */
function onGrid(
  file: string,
  times: readonly number[],
  places: readonly number[],
  metrics: Columns["metrics"],
  cells: readonly number[][],
): Trace {
  let step = Number.POSITIVE_INFINITY;
  for (let i = 1; i < times.length; i++) step = Math.min(step, times[i] - times[i - 1]);
  const startsAt = times[0];
  const ticks = Math.round((times[times.length - 1] - startsAt) / step) + 1;
  if (!(ticks <= MOST_TICKS))
    throw problem(
      file,
      undefined,
      "timestamp",
      `at most ${MOST_TICKS} ticks`,
      `${ticks} of ${step} s from first to last`,
    );
  const values = new Map(metrics.map(({ metric }) => [metric, new Float64Array(ticks).fill(Number.NaN)]));
  for (let i = 0; i < times.length; i++) {
    const tick = (times[i] - startsAt) / step;
    const slot = Math.round(tick);
    if (Math.abs(tick - slot) > 0.01)
      throw problem(
        file,
        places[i],
        "timestamp",
        `a whole number of steps of ${step} s after ${formatInstant(startsAt)}`,
        formatInstant(times[i]),
      );
    for (const [c, { metric }] of metrics.entries()) values.get(metric)![slot] = cells[c][i];
  }
  return { startsAt, step, ticks, series: toSeries(values, ticks) };
}

/** The series that metrics make up, tick by tick. */
export function toSeries(values: ReadonlyMap<Metric, Float64Array>, ticks: number): Map<SeriesName, Float64Array> {
  const result = new Map<SeriesName, Float64Array>();
  const metrics = [...values];
  for (const series of SERIES) {
    // What a series is made of is known to `seriesValue` alone: a series that is there when all metrics are is in the trace.
    if (Number.isNaN(seriesValue(series, Object.fromEntries(metrics.map(([metric]) => [metric, 1]))))) continue;
    const column = new Float64Array(ticks);
    for (let tick = 0; tick < ticks; tick++) {
      const row: Partial<Record<Metric, number>> = {};
      for (const [metric, column] of metrics) if (!Number.isNaN(column[tick])) row[metric] = column[tick];
      column[tick] = seriesValue(series, row);
    }
    result.set(series, column);
  }
  return result;
}

function short(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function problem(file: string, line: number | undefined, path: string, expected: string, found: string): InputError {
  return new InputError(file, [{ ...(line === undefined ? {} : { line }), path, expected, found }]);
}
