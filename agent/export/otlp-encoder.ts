import type { Metric } from "../../model/dimension.ts";
import {
  ATTRIBUTE,
  CENSORED,
  DEMAND,
  PROCESS_CPU_DEMAND,
  PROCESS_CPU_TIME,
  PROCESS_DISK_IO,
  PROCESS_MEMORY_USAGE,
  PROCESS_NETWORK_IO,
  REPLICAS,
  USAGE,
} from "../../model/otlp/names.ts";
import type { Measures, ProcessIdentity, ProcessMeasures, ThreadMeasures } from "../../model/vector.ts";
import type { ExportedWorkload } from "./exported-workload.ts";
import { FunctionPoints } from "./function-points.ts";
import { field, keyValue, MessageParts } from "./message-parts.ts";
import { MetricWriter, pointAttributes, pointTimes } from "./metric-writer.ts";
import type { ProcessCounters } from "./process-group.ts";
import { VectorNotes } from "./vector-notes.ts";

const MICROSECONDS = 1e6;
/** Bounds what one process's cache can grow to by threads that come and go. */
const MOST_THREADS_CACHED = 2000;

const CPU_MODE = {
  user: pointAttributes([[ATTRIBUTE.cpuMode, "user"]]),
  system: pointAttributes([[ATTRIBUTE.cpuMode, "system"]]),
};
const DISK_DIRECTION = {
  read: pointAttributes([[ATTRIBUTE.diskDirection, "read"]]),
  write: pointAttributes([[ATTRIBUTE.diskDirection, "write"]]),
};
const NETWORK_DIRECTION = {
  receive: pointAttributes([[ATTRIBUTE.networkDirection, "receive"]]),
  transmit: pointAttributes([[ATTRIBUTE.networkDirection, "transmit"]]),
};

interface ThreadBytes {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Encodes the vectors of one workload as OTLP ResourceMetrics. */
export class OtlpEncoder {
  readonly #resource: Buffer;
  readonly #scope: Buffer;
  readonly #own: Buffer;
  readonly #startedAt: number;
  readonly #usage = MetricWriter.gauge(USAGE, "1");
  readonly #demand = MetricWriter.gauge(DEMAND, "1");
  readonly #censored = MetricWriter.gauge(CENSORED, "1");
  readonly #replicas = MetricWriter.gauge(REPLICAS, "{replica}");
  readonly #cpuTime = MetricWriter.sum(PROCESS_CPU_TIME, "s", true);
  readonly #cpuDemand = MetricWriter.sum(PROCESS_CPU_DEMAND, "s", true);
  readonly #memory = MetricWriter.sum(PROCESS_MEMORY_USAGE, "By", false);
  readonly #disk = MetricWriter.sum(PROCESS_DISK_IO, "By", true);
  readonly #network = MetricWriter.sum(PROCESS_NETWORK_IO, "By", true);
  readonly #functions = new FunctionPoints();
  readonly #notes: VectorNotes;
  readonly #processes = new WeakMap<ProcessIdentity, Buffer>();
  readonly #threads = new WeakMap<ProcessIdentity, Map<number, ThreadBytes>>();
  #received = 0;
  #transmitted = 0;

  /** @param startedAt epoch seconds from which on the agent counts */
  constructor(workload: string, host: string, startedAt: number) {
    this.#own = pointAttributes([[ATTRIBUTE.workload, workload]]);
    this.#notes = new VectorNotes(this.#own);
    this.#startedAt = startedAt;
    const attributes = [
      [ATTRIBUTE.service, workload],
      [ATTRIBUTE.host, host],
      [ATTRIBUTE.workload, workload],
    ].map(([key, value]) => field(1, keyValue(key, value)));
    this.#resource = field(1, Buffer.concat(attributes));
    this.#scope = field(1, field(1, "foreshadow.agent"));
  }

  /**
   * One vector as the bytes of an ExportMetricsServiceRequest. Such bytes can be put one after another: the result is a
   * request with all of them.
   */
  encode(workload: ExportedWorkload): Buffer {
    const { vector } = workload;
    const times = pointTimes((vector.at - vector.interval) * MICROSECONDS, vector.at * MICROSECONDS);
    this.#measures(vector, times, this.#own);
    for (const process of vector.processes) this.#process(process, times);
    this.#replicas.add(times, vector.replicas, this.#own);
    this.#counters(workload, pointTimes(this.#startedAt * MICROSECONDS, vector.at * MICROSECONDS));
    const scope = new MessageParts().add(this.#scope);
    for (const metric of [this.#usage, this.#demand, this.#replicas, this.#censored]) metric.moveTo(scope);
    this.#notes.encode(vector, times, scope);
    this.#functions.moveTo(scope);
    for (const metric of [this.#cpuTime, this.#cpuDemand, this.#memory, this.#disk, this.#network])
      metric.moveTo(scope);
    const resource = new MessageParts().add(this.#resource).message(2, scope);
    return new MessageParts().message(1, resource).bytes();
  }

  #process(process: ProcessMeasures, times: Buffer): void {
    const bytes = this.#processBytes(process);
    this.#measures(process, times, bytes);
    this.#functions.add(process, bytes, times);
    for (const thread of process.threads) {
      // A thread that did nothing is told by its absence: there are many of them, and all the time.
      if (thread.demand.cpu === 0) continue;
      this.#measures(thread, times, this.#threadBytes(process, thread));
    }
  }

  #measures(measures: Measures, times: Buffer, attributes: Buffer): void {
    for (const metric in measures.usage)
      this.#usage.add(times, measures.usage[metric as Metric]!, attributes, metricBytes(metric as Metric));
    for (const metric in measures.demand)
      this.#demand.add(times, measures.demand[metric as Metric]!, attributes, metricBytes(metric as Metric));
    for (const metric of measures.censored) this.#censored.add(times, 1, attributes, metricBytes(metric));
  }

  #counters({ vector, processes }: ExportedWorkload, times: Buffer): void {
    for (const { measures, counters } of processes) {
      const bytes = this.#processBytes(measures);
      if (measures.usage.memory !== undefined) this.#memory.add(times, measures.usage.memory, bytes);
      if (counters === undefined) continue;
      this.#cpuTime.add(times, counters.user, bytes, CPU_MODE.user);
      this.#cpuTime.add(times, counters.system, bytes, CPU_MODE.system);
      this.#cpuDemand.add(times, cpuDemand(counters), bytes);
      if (!Number.isNaN(counters.read)) this.#disk.add(times, counters.read, bytes, DISK_DIRECTION.read);
      if (!Number.isNaN(counters.written)) this.#disk.add(times, counters.written, bytes, DISK_DIRECTION.write);
    }
    this.#traffic(vector, times);
  }

  /** Counted by the agent from its start on: interfaces come and go, a counter must not fall. */
  #traffic({ usage, interval }: Measures & { interval: number }, times: Buffer): void {
    const { network_receive: received, network_transmit: transmitted } = usage;
    if (received === undefined || transmitted === undefined) return;
    this.#received += received * interval;
    this.#transmitted += transmitted * interval;
    this.#network.add(times, Math.round(this.#received), this.#own, NETWORK_DIRECTION.receive);
    this.#network.add(times, Math.round(this.#transmitted), this.#own, NETWORK_DIRECTION.transmit);
  }

  #processBytes({ identity, executable }: ProcessMeasures): Buffer {
    let bytes = this.#processes.get(identity);
    if (bytes === undefined) {
      bytes = pointAttributes([
        [ATTRIBUTE.pid, identity.pid],
        [ATTRIBUTE.startTime, identity.startTime],
        [ATTRIBUTE.executable, executable],
      ]);
      this.#processes.set(identity, bytes);
    }
    return bytes;
  }

  #threadBytes(process: ProcessMeasures, { tid, name }: ThreadMeasures): Buffer {
    let threads = this.#threads.get(process.identity);
    if (threads === undefined) {
      threads = new Map();
      this.#threads.set(process.identity, threads);
    }
    const known = threads.get(tid);
    if (known?.name === name) return known.bytes;
    if (threads.size >= MOST_THREADS_CACHED) threads.clear();
    const own = pointAttributes([
      [ATTRIBUTE.thread, tid],
      [ATTRIBUTE.threadName, name],
    ]);
    const bytes = Buffer.concat([this.#processBytes(process), own]);
    threads.set(tid, { name, bytes });
    return bytes;
  }
}

/** Seconds that a process asked of CPUs since it is known. */
export function cpuDemand({ user, system, waited }: ProcessCounters): number {
  return user + system + waited;
}

const metrics: { [metric in Metric]?: Buffer } = {};

function metricBytes(metric: Metric): Buffer {
  metrics[metric] ??= pointAttributes([[ATTRIBUTE.metric, metric]]);
  return metrics[metric];
}
