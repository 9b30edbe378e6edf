import * as pulumi from "@pulumi/pulumi";

type Args<T> = { [K in keyof T]: pulumi.Input<T[K]> };
type Nothing<T> = { [K in keyof T]: undefined };

interface PoolPart {
  /** Names the pool on this host: cgroup `/foreshadow/POOL`. */
  pool: string;
  /** The pool's directory: specification, status, logs, volume. */
  runDirectory: string;
}

export interface WorkerPoolArgs extends PoolPart {
  /** Workers before the plan's first step. */
  count: number;
  /** From `at` (epoch seconds) on, that many workers. The supervisor carries it out by itself. */
  plan?: { at: number; floor: number }[];
  /** Cores a worker. */
  cpu?: number;
  /** Bytes a worker. */
  memory?: number;
  /** 0 leaves the choice to the provider. */
  port?: number;
}

/** Worker processes that share one port in a network of their own. */
export class WorkerPool extends pulumi.CustomResource {
  declare readonly pool: pulumi.Output<string>;
  declare readonly count: pulumi.Output<number>;
  declare readonly url: pulumi.Output<string>;
  declare readonly address: pulumi.Output<string>;
  declare readonly listenPort: pulumi.Output<number>;
  declare readonly netns: pulumi.Output<string>;
  declare readonly cgroup: pulumi.Output<string>;
  declare readonly statusFile: pulumi.Output<string>;
  /** As of the last apply; what is ready now is in the status file. */
  declare readonly ready: pulumi.Output<number>;
  declare readonly pids: pulumi.Output<number[]>;
  declare readonly supervisorPid: pulumi.Output<number>;
  declare readonly degraded: pulumi.Output<string[]>;

  constructor(name: string, args: Args<WorkerPoolArgs>, options?: pulumi.CustomResourceOptions) {
    super("local:index:WorkerPool", name, { ...outputs(WORKER_POOL), ...args }, options);
  }
}

export interface VolumeArgs extends PoolPart {
  /** Bytes, whole MiB; only grows. */
  size: number;
  /** Bytes per second, each way. */
  throughput?: number;
  /** Operations per second, each way. */
  iops?: number;
}

/** The pool's data volume, mounted at `RUNDIRECTORY/volume`. */
export class Volume extends pulumi.CustomResource {
  declare readonly size: pulumi.Output<number>;
  declare readonly path: pulumi.Output<string>;
  declare readonly backing: pulumi.Output<"loop" | "directory">;
  declare readonly device: pulumi.Output<string>;
  declare readonly throughputEnforced: pulumi.Output<boolean>;
  declare readonly growth: pulumi.Output<"online" | "remount" | "none">;
  declare readonly degraded: pulumi.Output<string[]>;

  constructor(name: string, args: Args<VolumeArgs>, options?: pulumi.CustomResourceOptions) {
    super("local:index:Volume", name, { ...outputs(VOLUME), ...args }, options);
  }
}

export interface BandwidthArgs extends PoolPart {
  /** Bytes per second, each way. */
  bandwidth: number;
}

/** The limit of what goes into and out of the pool's network. */
export class Bandwidth extends pulumi.CustomResource {
  declare readonly bandwidth: pulumi.Output<number>;
  declare readonly device: pulumi.Output<string>;
  declare readonly enforced: pulumi.Output<boolean>;
  declare readonly reason: pulumi.Output<string>;
  declare readonly degraded: pulumi.Output<string[]>;

  constructor(name: string, args: Args<BandwidthArgs>, options?: pulumi.CustomResourceOptions) {
    super("local:index:Bandwidth", name, { ...outputs(BANDWIDTH), ...args }, options);
  }
}

const WORKER_POOL = [
  "url",
  "address",
  "listenPort",
  "netns",
  "cgroup",
  "statusFile",
  "ready",
  "pids",
  "supervisorPid",
  "degraded",
] as const;
const VOLUME = ["path", "backing", "device", "throughputEnforced", "growth", "degraded"] as const;
const BANDWIDTH = ["device", "enforced", "reason", "degraded"] as const;

/** Pulumi makes an output of every key that it is given, also of those without a value. */
function outputs<K extends string>(names: readonly K[]): Nothing<Record<K, unknown>> {
  return Object.fromEntries(names.map((name) => [name, undefined])) as Nothing<Record<K, unknown>>;
}
