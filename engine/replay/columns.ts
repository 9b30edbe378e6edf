import { InputError } from "../../model/input-error.ts";

/** One column of a file on a regular grid of time. */
export interface ColumnSeries {
  readonly column: string;
  /** Epoch seconds at which the first tick begins. */
  readonly startsAt: number;
  /** Seconds a tick. */
  readonly step: number;
  /** One a tick; NaN where the file has none. */
  readonly values: Float64Array;
}

/** Two years of minutes, and as much text as that takes. */
const MOST_TICKS = 1_100_000;
const MOST_CHARACTERS = 256 * 1024 * 1024;

/**
 * Reads any recorded series: a header line, then rows of a time (the column `timestamp`, or the first) and numbers. A time is epoch
 * seconds, or a date and time, in UTC where it names no zone. The step is the commonest distance of two rows; a row goes to the
 * nearest tick, so that it may come a little late; what is empty, negative or no number is a gap.
 *
 * @throws InputError with file and line where times are none, do not ascend, or span too much
 */
export function parseColumns(text: string, file: string): ColumnSeries[] {
  if (text.length > MOST_CHARACTERS)
    throw problem(file, undefined, `at most ${MOST_CHARACTERS} characters`, `${text.length}`);
  const [header, ...lines] = text.replace(/^\uFEFF/, "").split("\n");
  const names = header.split(",").map((name) => name.trim());
  const timestamp = Math.max(0, names.indexOf("timestamp"));
  if (names.length < 2) throw problem(file, 1, "a timestamp and at least one more column", `"${short(header)}"`);
  const times: number[] = [];
  const rows: string[][] = [];
  lines.forEach((line, i) => {
    if (line.trim() === "") return;
    const fields = line.split(",");
    const time = parseTime((fields[timestamp] ?? "").trim());
    if (time === undefined)
      throw problem(file, i + 2, "epoch seconds or a date and time", `"${short(fields[timestamp] ?? "")}"`);
    if (times.length > 0 && time < times[times.length - 1])
      throw problem(file, i + 2, "a time no earlier than the one before", `"${short(fields[timestamp])}"`);
    times.push(time);
    rows.push(fields);
  });
  const step = commonestStep(times);
  if (step === undefined)
    throw problem(file, undefined, "at least two rows of different times", `${times.length} rows`);
  const startsAt = times[0];
  const ticks = Math.round((times[times.length - 1] - startsAt) / step) + 1;
  if (!(ticks <= MOST_TICKS)) throw problem(file, undefined, `at most ${MOST_TICKS} ticks of ${step} s`, `${ticks}`);
  return names.flatMap((column, c) => {
    if (c === timestamp) return [];
    const values = new Float64Array(ticks).fill(Number.NaN);
    rows.forEach((fields, i) => {
      const cell = (fields[c] ?? "").trim();
      const value = cell === "" ? Number.NaN : Number(cell);
      if (value >= 0 && value < Number.POSITIVE_INFINITY) values[Math.round((times[i] - startsAt) / step)] = value;
    });
    return [{ column, startsAt, step, values }];
  });
}

function parseTime(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return undefined;
  const zoned = /(Z|[+-]\d\d:?\d\d)$/i.test(text.slice(10));
  const time = Date.parse(`${text.replace(" ", "T")}${zoned || text.length === 10 ? "" : "Z"}`);
  return Number.isFinite(time) ? time / 1000 : undefined;
}

function commonestStep(times: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (let i = 1; i < times.length; i++) {
    const step = times[i] - times[i - 1];
    if (step > 0) counts.set(step, (counts.get(step) ?? 0) + 1);
  }
  let commonest: number | undefined;
  for (const [step, count] of counts) if (count > (counts.get(commonest ?? Number.NaN) ?? 0)) commonest = step;
  return commonest;
}

function short(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function problem(file: string, line: number | undefined, expected: string, found: string): InputError {
  return new InputError(file, [{ ...(line === undefined ? {} : { line }), path: "", expected, found }]);
}
