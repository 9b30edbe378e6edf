import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type ColumnSeries, parseColumns } from "../engine/replay/columns.ts";

/** One column of a recorded trace. */
export interface RecordedSeries extends ColumnSeries {
  /** File and column. */
  readonly name: string;
}

/** CSV files of a directory and of those below it, by path. */
export function traceFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".csv"))
    .sort()
    .map((file) => join(directory, file));
}

/** Every column of a trace. */
export function readSeries(path: string): RecordedSeries[] {
  return parseColumns(readFileSync(path, "utf8"), path).map((series) => ({
    ...series,
    name: `${basename(path, ".csv")} ${series.column}`,
  }));
}

/** Means of `width` values each; a mean over gaps alone is one. */
export function averaged(series: RecordedSeries, width: number): RecordedSeries {
  const values = Float64Array.from({ length: Math.floor(series.values.length / width) }, (_, i) => {
    const part = series.values.subarray(i * width, (i + 1) * width).filter((value) => !Number.isNaN(value));
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
  return { ...series, step: series.step * width, values };
}
