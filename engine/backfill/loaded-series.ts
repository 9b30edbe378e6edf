import { type Metric, SERIES, type SeriesName, seriesValue } from "../../model/dimension.ts";
import type { WorkloadHistory } from "../usage/history/usage-history.port.ts";

/** One series of a past: what was asked for and what was got, a value a tick, NaN where nothing was recorded. */
export interface LoadedSeries {
  readonly series: SeriesName;
  readonly demand: Float64Array;
  readonly usage: Float64Array;
  /** Ticks of which something was recorded. */
  readonly ticks: number;
}

/** The series that a history has anything of. */
export function loadedSeries({ usage, demand, replicas }: WorkloadHistory): LoadedSeries[] {
  return SERIES.flatMap((series) => {
    const [got, asked] = [usage, demand].map((metrics) => seriesOf(series, metrics, replicas.length));
    let ticks = 0;
    for (const [i, value] of asked.entries()) {
      // Where nobody recorded what was asked for, it is what was got.
      if (Number.isNaN(value)) asked[i] = got[i];
      if (!Number.isNaN(asked[i])) ticks++;
    }
    return ticks === 0 ? [] : [{ series, demand: asked, usage: got, ticks }];
  });
}

function seriesOf(series: SeriesName, metrics: ReadonlyMap<Metric, Float64Array>, ticks: number): Float64Array {
  const columns = [...metrics];
  return Float64Array.from({ length: ticks }, (_, i) =>
    seriesValue(series, Object.fromEntries(columns.map(([metric, values]) => [metric, values[i]]))),
  );
}
