import type { SeriesName } from "../../model/dimension.ts";
import type { UsageVector } from "../../model/vector.ts";

/** A regular series: `values[i]` is the mean over [from + i·step, from + (i+1)·step); `NaN` where nothing was measured. */
export interface RegularSeries {
  readonly from: number;
  readonly step: number;
  readonly values: Float64Array;
}

/** A past that somebody else has recorded. What was asked for is `values`; what was got is the same unless `usage` tells otherwise. */
export interface LoadedPast extends RegularSeries {
  readonly usage?: Float64Array;
}

/** Where vectors are kept. Written by the engine alone, from a worker; nothing here blocks the loop. */
export interface UsageStore {
  /** Queues vectors for writing; one row a workload and tick. Duplicates (same workload, host, instant) are kept once. */
  append(vectors: readonly UsageVector[]): void;
  /**
   * Loads a past that was not measured by an agent, in place of what the same origin loaded for the same time before; it is marked with
   * `origin`. It counts only in steps in which nothing was measured, and of several origins the one that was first to load any.
   */
  backfill(workload: string, series: SeriesName, past: LoadedPast, origin: string): Promise<void>;
  /**
   * Demand of a workload, summed over its hosts, in steps.
   *
   * @param step seconds; from the rollup of that step or finer
   */
  demand(workload: string, series: SeriesName, from: number, to: number, step: number): Promise<RegularSeries>;
  usage(workload: string, series: SeriesName, from: number, to: number, step: number): Promise<RegularSeries>;
  /** The last vector of each host of a workload. */
  latest(workload: string): Promise<UsageVector[]>;
  /** Waits until everything queued is on disk. */
  flush(): Promise<void>;
  close(): Promise<void>;
}
