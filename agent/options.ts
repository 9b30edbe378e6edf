import type { ReceiverOptions } from "../model/otlp/receiver.ts";
import type { ProfiledRuntime, Selector } from "../model/project.ts";
import type { UsageVector } from "../model/vector.ts";

/** Limits that are set outside what the agent can read, in bytes per second. At a limit demand is censored. */
export interface KnownLimits {
  readonly network?: number;
  readonly disk?: number;
}

export interface AgentWorkload {
  readonly name: string;
  readonly select: Selector;
  readonly limits?: KnownLimits;
}

/** Of which runtimes a workload's processes may be profiled. */
export interface ProfiledWorkload {
  readonly runtimes: readonly ProfiledRuntime[];
  /** Where Go programs serve profiles; looked for unless stated. */
  readonly port?: number;
}

/** Who may be profiled, how often and for how long. */
export interface FunctionOptions {
  readonly workloads: ReadonlyMap<string, ProfiledWorkload>;
  /** Seconds between two rounds of profiles of a workload. */
  readonly every: number;
  /** Whole seconds that a process is profiled. */
  readonly window: number;
  /** Processes of a workload in a round. */
  readonly processes: number;
  /** Where the newest profiles are kept. */
  readonly directory?: string;
}

export interface AgentOptions {
  readonly workloads: readonly AgentWorkload[];
  /** Default `/proc`. */
  readonly procRoot?: string;
  /** Default `/sys/fs/cgroup`. */
  readonly cgroupRoot?: string;
  /** Where the files of container runtimes are; default `/`. */
  readonly hostRoot?: string;
  /** Seconds between samples; default 1. */
  readonly interval?: number;
  /** Seconds between looks for processes that selectors match; default 5. New processes of a known cgroup show each sample. */
  readonly discovery?: number;
  /** Where OTLP/HTTP is taken, without the path; default `http://127.0.0.1:4318`. `null`: nothing is sent. */
  readonly endpoint?: string | null;
  /** The token and the certificates that it is reached with. */
  readonly security?: Pick<ReceiverOptions, "token" | "tls">;
  /** Where `/metrics` is served; default `127.0.0.1:9477`. `null`: nowhere. */
  readonly listen?: string | null;
  /** Processes of a workload that are exported one by one; the others are grouped by executable. Default 20. */
  readonly topProcesses?: number;
  /** Without it nothing is profiled, and nothing that would be needed for it is loaded. */
  readonly functions?: FunctionOptions;
  /** Vectors that are kept in memory while the engine does not take them; then the oldest are dropped and counted. Default 300. */
  readonly buffer?: number;
  /** Where they are kept instead, and outlive the agent: a directory, and how many bytes at most. */
  readonly diskBuffer?: { readonly directory: string; readonly size: number };
  /** Name of the host in vectors; default the machine's. */
  readonly host?: string;
  /** Told each vector, whole, with every process. */
  readonly onVectors?: (vectors: readonly UsageVector[]) => void;
  /** Told the port of `/metrics` when it is served. */
  readonly onListening?: (port: number) => void;
  /** Told what a person should know, one line each; default standard error. */
  readonly log?: (line: string) => void;
}
