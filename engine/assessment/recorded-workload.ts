import { SERIES } from "../../model/dimension.ts";
import { type Trace, toSeries } from "../replay/trace.ts";
import type { ToldCapacity, WorkloadHistory } from "../usage/history/usage-history.port.ts";

/** A workload's past, whoever recorded it, as it is judged. */
export interface RecordedWorkload {
  readonly name: string;
  /** What its parts are, for people: `pods`, `trace file`. */
  readonly kind: string;
  /** Labels that its series have, where a server recorded it. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly trace: Trace;
  /** Replicas by tick, NaN where it is not known; absent where nobody counted them. */
  readonly replicas?: Float64Array;
  /** What a replica has. */
  readonly told: readonly ToldCapacity[];
  /** Share of ticks in which a quota held CPU back. */
  readonly throttled: number;
  /** What a person should know of how it was read. */
  readonly notes: readonly string[];
}

/** Ticks of a day that a recording may begin later or end earlier than asked for without a word. */
const UNSAID = 1 / 24;
const DAY = 86_400;

/** A past that a server has kept: from its first tick to its last, with what is missing of it said. */
export function ofHistory(
  { workload, window, demand, throttled, replicas, interval }: WorkloadHistory,
  { kind, labels }: { readonly kind: string; readonly labels: Readonly<Record<string, string>> },
  told: readonly ToldCapacity[],
): RecordedWorkload | undefined {
  const { from, to, step } = window;
  const measured = [...demand.values()];
  const isThere = (tick: number) => measured.some((values) => !Number.isNaN(values[tick]));
  const ticks = replicas.length;
  let [first, end] = [0, ticks];
  while (first < ticks && !isThere(first)) first++;
  while (end > first && !isThere(end - 1)) end--;
  if (end - first < 2) return undefined;
  const held = throttled.subarray(first, end).reduce((sum, one) => sum + one, 0) / (end - first);
  const startsAt = from + first * step;
  const days = (seconds: number) => `${(seconds / DAY).toFixed(1)} days`;
  const notes: string[] = [];
  if (first * step > UNSAID * DAY) notes.push(`begins ${days(first * step)} after the window that was asked for`);
  if ((ticks - end) * step > UNSAID * DAY)
    notes.push(`ended ${days(to - (from + end * step))} before the end of the window`);
  if (interval > step / 2)
    notes.push(`sampled every ${Math.round(interval)} s only: values are means over ${Math.round(2.5 * interval)} s`);
  const parts = new Map([...demand].map(([metric, values]) => [metric, values.slice(first, end)] as const));
  return {
    name: workload,
    kind,
    labels,
    trace: { startsAt, step, ticks: end - first, series: toSeries(parts, end - first) },
    replicas: replicas.slice(first, end),
    told,
    throttled: held,
    notes,
  };
}

/** A trace with longer steps: means of what was measured, where that is half of a step at least. What the step does not divide stays. */
export function coarser(trace: Trace, step: number): Trace {
  const width = Math.round(step / trace.step);
  if (width <= 1 || Math.abs(width * trace.step - step) > 1e-6) return trace;
  const ticks = Math.floor(trace.ticks / width);
  const series = new Map(
    SERIES.flatMap((name) => {
      const values = trace.series.get(name);
      return values === undefined ? [] : [[name, meansOf(values, width, ticks)] as const];
    }),
  );
  return { startsAt: trace.startsAt, step, ticks, series };
}

function meansOf(values: Float64Array, width: number, ticks: number): Float64Array {
  return Float64Array.from({ length: ticks }, (_, tick) => {
    let [sum, count] = [0, 0];
    for (let i = tick * width; i < (tick + 1) * width; i++)
      if (!Number.isNaN(values[i])) {
        sum += values[i];
        count++;
      }
    return 2 * count >= width ? sum / count : Number.NaN;
  });
}
