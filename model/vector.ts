import type { Metric } from "./dimension.ts";
import type { HeldBack } from "./held-back.ts";

/** Parts of a vector that are measured in one of several ways, by what the kernel and the agent's privileges allow. */
export const SOURCED_PARTS = ["network", "short_lived"] as const;
export type SourcedPart = (typeof SOURCED_PARTS)[number];

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

/** What a function used of CPUs in a profile of its process, in cores; what it calls counts to what is called. */
export interface FunctionMeasures {
  readonly name: string;
  /** Last part of its source's path, where the runtime names one. */
  readonly file?: string;
  readonly cpu: number;
  /** In an earlier profile of the same program, before it grew; absent where there is none. */
  readonly before?: number;
}

export interface ProcessMeasures extends Measures {
  readonly identity: ProcessIdentity;
  readonly executable: string;
  readonly threads: readonly ThreadMeasures[];
  /** Of the newest profile, those with most CPU first. Absent where none was taken. */
  readonly functions?: readonly FunctionMeasures[];
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
  /** What kept usage below demand, and how much of it there was. */
  readonly heldBack?: HeldBack;
  /** Replicas in warm-up and the cores that they ask for, which are usage and no demand. Absent when there are none. */
  readonly warming?: { readonly replicas: number; readonly cpu: number };
  /** Processes that came and went between two samples; the CPU time they used is among the processes by name. Absent when none did. */
  readonly ended?: number;
  /** Where figures that can have several sources come from. */
  readonly sources?: Partial<Record<SourcedPart, string>>;
  /** What is measured less well than it could be, and why. */
  readonly degraded?: readonly { readonly part: SourcedPart; readonly reason: string }[];
  /** Metrics that this host cannot measure, with the reason. */
  readonly missing: readonly { readonly metric: Metric; readonly reason: string }[];
  readonly processes: readonly ProcessMeasures[];
}
