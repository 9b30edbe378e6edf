/**
 * Names of metrics and attributes on the wire. Those of OpenTelemetry's semantic conventions are used where there is one
 * (https://opentelemetry.io/docs/specs/semconv/system/process-metrics/); the usage vector's own are below `foreshadow.`.
 */

/** Gauges of a usage vector: one point a metric, of the workload, a process or a thread. Start time is `at` − `interval`, time is `at`. */
export const USAGE = "foreshadow.usage";
export const DEMAND = "foreshadow.demand";
/** Gauge, 1: demand of the point's metric is at least the figure. */
export const CENSORED = "foreshadow.censored";
/** Gauge, 1: the point's metric cannot be measured, for the point's reason. */
export const MISSING = "foreshadow.missing";
/** Gauge: main processes of the workload that reported. Every vector has exactly one. */
export const REPLICAS = "foreshadow.replicas";
/** Gauge: what held the workload back, one point a name of `model/held-back.ts`, in the unit stated there. */
export const HELD_BACK_GAUGE = "foreshadow.held_back";
/** Gauges: replicas in warm-up, and the cores that they ask for. */
export const WARMING_REPLICAS = "foreshadow.warming.replicas";
export const WARMING_CPU = "foreshadow.warming.cpu";
/** Gauge: processes that came and went between two samples. */
export const ENDED = "foreshadow.ended";
/** Gauge, 1: where the point's part of the vector comes from. */
export const SOURCE = "foreshadow.source";
/** Gauge, 1: the point's part is measured less well than it could be, for the point's reason. */
export const DEGRADED = "foreshadow.degraded";
/** Gauge: a named signal of the workload, such as `concurrency`, `backlog` or `latency`. Needs no start time. */
export const SIGNAL = "foreshadow.signal";

/** Gauges: cores that a function used in a profile of its process, and in an earlier profile of the program. */
export const FUNCTION_CPU = "foreshadow.function.cpu";
export const FUNCTION_CPU_BEFORE = "foreshadow.function.cpu.before";

export const PROCESS_CPU_TIME = "process.cpu.time";
/** Seconds that a process asked of CPUs: on one or waiting for one. Cumulative. */
export const PROCESS_CPU_DEMAND = "foreshadow.process.cpu.demand";
export const PROCESS_MEMORY_USAGE = "process.memory.usage";
export const PROCESS_DISK_IO = "process.disk.io";
export const PROCESS_NETWORK_IO = "process.network.io";

export const ATTRIBUTE = {
  host: "host.name",
  service: "service.name",
  workload: "foreshadow.workload",
  metric: "foreshadow.metric",
  reason: "foreshadow.reason",
  signal: "foreshadow.signal.name",
  heldBack: "foreshadow.held_back.name",
  part: "foreshadow.part",
  source: "foreshadow.source.name",
  pid: "process.pid",
  /** Clock ticks after boot; with the pid, the process's identity. 0 with pid 0 for processes that are taken together. */
  startTime: "foreshadow.process.start_time",
  executable: "process.executable.name",
  thread: "thread.id",
  threadName: "thread.name",
  functionName: "code.function.name",
  /** The last part of it. */
  filePath: "code.file.path",
  cpuMode: "cpu.mode",
  diskDirection: "disk.io.direction",
  networkDirection: "network.io.direction",
  changeset: "foreshadow.changeset",
  stack: "foreshadow.stack",
  state: "foreshadow.changeset.state",
  /** Digest of the input that was decided on, and of what the preview showed. */
  digest: "foreshadow.decision.digest",
  previewDigest: "foreshadow.preview.digest",
  commit: "vcs.ref.head.revision",
  /** Epoch seconds of the tick's end. */
  tick: "foreshadow.tick",
  /** Seconds. */
  leadTime: "foreshadow.lead_time",
} as const;
