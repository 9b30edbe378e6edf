import type { Metric } from "../../model/dimension.ts";
import {
  ATTRIBUTE,
  CENSORED,
  DEMAND,
  MISSING,
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
import { encodeFunctions } from "./function-points.ts";
import { field, gauge, keyValue, PointWriter, pointAttributes, pointTimes, sum } from "./point-writer.ts";
import type { ProcessCounters } from "./process-group.ts";
import { encodeNotes } from "./vector-notes.ts";

type Attributes = readonly (readonly [string, string | number])[];

const MICROSECONDS = 1e6;

/** Encodes the vectors of one workload as OTLP ResourceMetrics. */
export class OtlpEncoder {
  readonly #resource: Buffer;
  readonly #scope: Buffer;
  readonly #own: Attributes;
  readonly #startedAt: number;
  readonly #usage = new PointWriter();
  readonly #demand = new PointWriter();
  readonly #censored = new PointWriter();
  readonly #cached = new WeakMap<ProcessIdentity, Map<string, Buffer>>();
  readonly #ownCache = new Map<string, Buffer>();
  #received = 0;
  #transmitted = 0;

  /** @param startedAt epoch seconds from which on the agent counts */
  constructor(workload: string, host: string, startedAt: number) {
    this.#own = [[ATTRIBUTE.workload, workload]];
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
    this.#measures(this.#ownCache, "", this.#own, vector, times);
    for (const process of vector.processes) this.#process(process, times);
    const metrics = [
      gauge(USAGE, "1", this.#usage.take()),
      gauge(DEMAND, "1", this.#demand.take()),
      gauge(REPLICAS, "{replica}", this.#replicas(vector.replicas, times)),
    ];
    if (!this.#censored.empty) metrics.push(gauge(CENSORED, "1", this.#censored.take()));
    if (vector.missing.length > 0) metrics.push(gauge(MISSING, "1", this.#missing(vector.missing, times)));
    metrics.push(...encodeNotes(vector, this.#own, times));
    metrics.push(...encodeFunctions(vector.processes, processAttributes, times));
    metrics.push(...this.#counters(workload, pointTimes(this.#startedAt * MICROSECONDS, vector.at * MICROSECONDS)));
    const scope = Buffer.concat([this.#scope, ...metrics.map((metric) => field(2, metric))]);
    return field(1, Buffer.concat([this.#resource, field(2, scope)]));
  }

  #process(process: ProcessMeasures, times: Buffer): void {
    const cache = this.#cacheOf(process.identity);
    const attributes = processAttributes(process);
    this.#measures(cache, "", attributes, process, times);
    for (const thread of process.threads) {
      // A thread that did nothing is told by its absence: there are many of them, and all the time.
      if (thread.demand.cpu === 0) continue;
      const key = `${thread.tid} ${thread.name}`;
      this.#measures(cache, key, attributes, thread, times, thread);
    }
  }

  #measures(
    cache: Map<string, Buffer>,
    key: string,
    attributes: Attributes,
    measures: Measures,
    times: Buffer,
    thread?: ThreadMeasures,
  ): void {
    const bytes = (metric: Metric) =>
      cached(cache, `${metric} ${key}`, () => [
        ...attributes,
        ...(thread === undefined
          ? []
          : ([
              [ATTRIBUTE.thread, thread.tid],
              [ATTRIBUTE.threadName, thread.name],
            ] as const)),
        [ATTRIBUTE.metric, metric],
      ]);
    for (const metric of Object.keys(measures.usage) as Metric[])
      this.#usage.add(bytes(metric), times, measures.usage[metric]!);
    for (const metric of Object.keys(measures.demand) as Metric[])
      this.#demand.add(bytes(metric), times, measures.demand[metric]!);
    for (const metric of measures.censored) this.#censored.add(bytes(metric), times, 1);
  }

  #replicas(replicas: number, times: Buffer): Buffer {
    const points = new PointWriter();
    points.add(
      cached(this.#ownCache, "replicas", () => this.#own),
      times,
      replicas,
    );
    return points.take();
  }

  #missing(missing: readonly { readonly metric: Metric; readonly reason: string }[], times: Buffer): Buffer {
    const points = new PointWriter();
    for (const { metric, reason } of missing) {
      const attributes: Attributes = [...this.#own, [ATTRIBUTE.metric, metric], [ATTRIBUTE.reason, reason]];
      points.add(pointAttributes(attributes), times, 1);
    }
    return points.take();
  }

  #counters({ vector, processes }: ExportedWorkload, times: Buffer): Buffer[] {
    const [cpu, demand, memory, disk] = [new PointWriter(), new PointWriter(), new PointWriter(), new PointWriter()];
    for (const { measures, counters } of processes) {
      const cache = this.#cacheOf(measures.identity);
      const attributes = processAttributes(measures);
      const bytes = (key: string, value: string) =>
        cached(cache, `${key} ${value}`, () => (key === "" ? attributes : [...attributes, [key, value]]));
      if (measures.usage.memory !== undefined) memory.add(bytes("", ""), times, measures.usage.memory);
      if (counters === undefined) continue;
      cpu.add(bytes(ATTRIBUTE.cpuMode, "user"), times, counters.user);
      cpu.add(bytes(ATTRIBUTE.cpuMode, "system"), times, counters.system);
      demand.add(bytes("", ""), times, cpuDemand(counters));
      if (!Number.isNaN(counters.read)) disk.add(bytes(ATTRIBUTE.diskDirection, "read"), times, counters.read);
      if (!Number.isNaN(counters.written)) disk.add(bytes(ATTRIBUTE.diskDirection, "write"), times, counters.written);
    }
    return [
      sum(PROCESS_CPU_TIME, "s", true, cpu.take()),
      sum(PROCESS_CPU_DEMAND, "s", true, demand.take()),
      sum(PROCESS_MEMORY_USAGE, "By", false, memory.take()),
      sum(PROCESS_DISK_IO, "By", true, disk.take()),
      ...this.#network(vector, times),
    ];
  }

  /** Counted by the agent from its start on: interfaces come and go, a counter must not fall. */
  #network({ usage, interval }: Measures & { interval: number }, times: Buffer): Buffer[] {
    const { network_receive: received, network_transmit: transmitted } = usage;
    if (received === undefined || transmitted === undefined) return [];
    this.#received += received * interval;
    this.#transmitted += transmitted * interval;
    const points = new PointWriter();
    const bytes = (direction: string) =>
      cached(this.#ownCache, direction, () => [...this.#own, [ATTRIBUTE.networkDirection, direction]]);
    points.add(bytes("receive"), times, Math.round(this.#received));
    points.add(bytes("transmit"), times, Math.round(this.#transmitted));
    return [sum(PROCESS_NETWORK_IO, "By", true, points.take())];
  }

  #cacheOf(identity: ProcessIdentity): Map<string, Buffer> {
    let cache = this.#cached.get(identity);
    if (cache === undefined) {
      cache = new Map();
      this.#cached.set(identity, cache);
    }
    return cache;
  }
}

/** Seconds that a process asked of CPUs since it is known. */
export function cpuDemand({ user, system, waited }: ProcessCounters): number {
  return user + system + waited;
}

function processAttributes({ identity, executable }: ProcessMeasures): Attributes {
  return [
    [ATTRIBUTE.pid, identity.pid],
    [ATTRIBUTE.startTime, identity.startTime],
    [ATTRIBUTE.executable, executable],
  ];
}

/** Bounds what one process's cache can grow to by threads that come and go. */
const MOST_CACHED = 2000;

function cached(cache: Map<string, Buffer>, key: string, attributes: () => Attributes): Buffer {
  let bytes = cache.get(key);
  if (bytes === undefined) {
    if (cache.size >= MOST_CACHED) cache.clear();
    bytes = pointAttributes(attributes());
    cache.set(key, bytes);
  }
  return bytes;
}
