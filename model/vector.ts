import type { Metric } from "./dimension.ts";

/** A process is its pid and its start time: a pid alone is reused. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks after boot, field 22 of `/proc/PID/stat`. */
  readonly startTime: number;
}

/** Usage and demand of one instant. A metric that could not be measured is absent, never zero. */
export interface Measures {
  readonly usage: Partial<Record<Metric, number>>;
  /** At least the usage: what was asked for, with what run-queue wait held back. */
  readonly demand: Partial<Record<Metric, number>>;
  /** Metrics whose demand is only known to be at least the figure, since a limit was reached. */
  readonly censored: readonly Metric[];
}

export interface ThreadMeasures extends Measures {
  readonly tid: number;
  readonly name: string;
}

export interface ProcessMeasures extends Measures {
  readonly identity: ProcessIdentity;
  readonly executable: string;
  readonly threads: readonly ThreadMeasures[];
}

/**
 * Real-time usage vector: what one workload asks of one host at one instant, and who of its processes and threads asks for it.
 * Rates are averages over the interval that ends at `at`.
 */
export interface UsageVector extends Measures {
  readonly workload: string;
  readonly host: string;
  /** Epoch seconds. */
  readonly at: number;
  /** Seconds that the rates are averaged over. */
  readonly interval: number;
  /** Replicas (main processes) of the workload that reported. */
  readonly replicas: number;
  /** Named signals that the workload tells of itself, in units of its own: concurrency, backlog, latency in seconds. */
  readonly signals?: Readonly<Record<string, number>>;
  /** Metrics that this host cannot measure, with the reason. */
  readonly missing: readonly { readonly metric: Metric; readonly reason: string }[];
  readonly processes: readonly ProcessMeasures[];
}
