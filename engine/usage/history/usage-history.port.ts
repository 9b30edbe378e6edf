import type { Metric } from "../../../model/dimension.ts";
import type { AttributedWorkload } from "../mapping/attribution.ts";

/** A stretch of the past on a regular grid: tick `i` is [from + i·step, from + (i+1)·step). Epoch seconds; `to − from` is whole steps. */
export interface HistoryWindow {
  readonly from: number;
  readonly to: number;
  /** Seconds. */
  readonly step: number;
}

/** What the parts of a found workload are. */
export type WorkloadKind =
  | "agent"
  | "pods"
  | "containers"
  | "service unit"
  | "process group"
  | "service"
  | "job"
  | "machines";

/** A workload that a history was found to have. */
export interface FoundWorkload {
  /** A name that a project file takes, unique among those that were found with it. */
  readonly name: string;
  readonly kind: WorkloadKind;
  /** Labels that its series have, `*` for any text: `select.labels` of a project file. */
  readonly labels: Readonly<Record<string, string>>;
}

/** A workload that is read: its name, the labels of its series, the series of its signals; and expressions of its signals. */
export interface ReadWorkload extends AttributedWorkload {
  /** PromQL of `requests` and `errors`, a second; others are no demand and are not read. */
  readonly expressions?: readonly { readonly name: string; readonly promql: string }[];
}

/** The past of one workload. Arrays have a value a tick of the window. */
export interface WorkloadHistory {
  readonly workload: string;
  readonly window: HistoryWindow;
  /** What it got: means over each tick in the units of `model/dimension.ts`, summed over its hosts; NaN where nothing was recorded. */
  readonly usage: ReadonlyMap<Metric, Float64Array>;
  /** What it asked for where that was recorded (by the agent), and at least the usage. */
  readonly demand: ReadonlyMap<Metric, Float64Array>;
  /** 1 in ticks in which a quota held CPU back: demand is only known to be at least the figure. */
  readonly throttled: Uint8Array;
  /** Hosts (pods, containers, machines) that told of CPU or memory; NaN where none did. */
  readonly replicas: Float64Array;
  /**
   * Seconds between two samples of what was read, at the most often; NaN where nothing was. Where that is more than half a step, values
   * are means over 2.5 such intervals up to the end of the tick, which smooths them.
   */
  readonly interval: number;
}

/** What one replica of a workload has, as somebody has recorded it: the mean over its hosts, each when it was last seen. */
export interface ToldCapacity {
  /** Cores and bytes. */
  readonly figure: "cpu" | "memory";
  readonly of: "limit" | "request" | "machine";
  readonly value: number;
}

/** Usage as somebody else has recorded it, as far back as they keep it. */
export interface UsageHistory {
  /** The workloads that used CPU in the window, by name. @throws Error that says what the server said */
  find(window: HistoryWindow): Promise<readonly FoundWorkload[]>;
  /**
   * The past of workloads, some dozens at a time: no more than those are in memory. Each comes once, in no certain order; one of which
   * nothing is recorded comes with arrays of NaN or none. Of several workloads whose labels fit a series the first has it.
   *
   * @param told of progress: the share that is read, 0 to 1
   * @param only names of those that are read; the others say which series are theirs. All without it
   * @throws Error that says what the server said
   */
  read(
    workloads: readonly ReadWorkload[],
    window: HistoryWindow,
    told?: (share: number) => void,
    only?: ReadonlySet<string>,
  ): AsyncGenerator<WorkloadHistory>;
  /** What replicas have, of those workloads of which it is recorded. @throws Error that says what the server said */
  capacities(
    workloads: readonly ReadWorkload[],
    window: HistoryWindow,
  ): Promise<ReadonlyMap<string, readonly ToldCapacity[]>>;
}
