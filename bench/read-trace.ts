import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

/** One column of a recorded trace on a regular grid. */
export interface RecordedSeries {
  /** File and column. */
  readonly name: string;
  /** Epoch seconds of the first value. */
  readonly startsAt: number;
  /** Seconds. */
  readonly step: number;
  readonly values: Float64Array;
}

/** CSV files of a directory and of those below it, by path. */
export function traceFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".csv"))
    .sort()
    .map((file) => join(directory, file));
}

/** Every column of a trace, a timestamp (epoch seconds, or date and time in UTC) being the first; what a grid has and the file has not is NaN. */
export function readSeries(path: string): RecordedSeries[] {
  const [header, ...lines] = readFileSync(path, "utf8").trim().split(/\r?\n/);
  const columns = header.split(",").slice(1);
  const rows = lines.map((line) => line.split(","));
  const times = rows.map(([time]) =>
    /^[\d.]+$/.test(time) ? Number(time) : Date.parse(`${time.replace(" ", "T")}Z`) / 1000,
  );
  const steps = times.slice(1).map((time, i) => time - times[i]);
  // The commonest: a row may be missing, or a little late.
  const counts = new Map<number, number>();
  for (const step of steps) counts.set(step, (counts.get(step) ?? 0) + 1);
  const [step] = [...counts].reduce((most, next) => (next[1] > most[1] ? next : most));
  const length = Math.round((times[times.length - 1] - times[0]) / step) + 1;
  return columns.map((column, c) => {
    const values = new Float64Array(length).fill(Number.NaN);
    rows.forEach((row, i) => {
      values[Math.round((times[i] - times[0]) / step)] = row[c + 1] === "" ? Number.NaN : Number(row[c + 1]);
    });
    return { name: `${basename(path, ".csv")} ${column}`, startsAt: times[0], step, values };
  });
}

/** Means of `width` values each; a mean over gaps alone is one. */
export function averaged({ name, startsAt, step, values }: RecordedSeries, width: number): RecordedSeries {
  const means = Float64Array.from({ length: Math.floor(values.length / width) }, (_, i) => {
    const part = values.subarray(i * width, (i + 1) * width).filter((value) => !Number.isNaN(value));
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
  return { name, startsAt, step: step * width, values: means };
}
