import { METRICS, type Metric } from "../../../model/dimension.ts";
import type {
  ExportMetricsServiceRequest,
  KeyValue,
  NumberDataPoint,
  ResourceMetrics,
} from "../../../model/otlp/generated/metrics_pb.ts";
import {
  ATTRIBUTE,
  CENSORED,
  DEMAND,
  FUNCTION_CPU,
  FUNCTION_CPU_BEFORE,
  MISSING,
  REPLICAS,
  SIGNAL,
  USAGE,
} from "../../../model/otlp/names.ts";
import type {
  FunctionMeasures,
  Measures,
  ProcessMeasures,
  ThreadMeasures,
  UsageVector,
} from "../../../model/vector.ts";
import { FUTURE_SECONDS, isPossible, isPossibleSignal, MOST_TEXT } from "../possible.ts";
import { NOTES, NotesBuilder } from "./decode-notes.ts";

/** Vectors of a request, and what of it was refused. */
export interface DecodedVectors {
  readonly vectors: readonly UsageVector[];
  /** Data points refused, each for a value, time or name that cannot be. */
  readonly rejected: number;
  /** Why the first of them was refused. */
  readonly reason: string | undefined;
}

/** What an agent could not deliver may be late, but not older than what is worth storing. */
const PAST_SECONDS = 7 * 86_400;
const LONGEST_INTERVAL = 3600;
/** Seconds that a vector of signals alone is taken to be of. */
const INSTANT = 1;
const MOST_SIGNALS = 64;
const MOST_REPLICAS = 1_000_000;
const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const KNOWN_METRICS: ReadonlySet<string> = new Set(METRICS);
const FUNCTIONS: ReadonlySet<string> = new Set([FUNCTION_CPU, FUNCTION_CPU_BEFORE]);
const OURS: ReadonlySet<string> = new Set([
  ...[USAGE, DEMAND, CENSORED, MISSING, REPLICAS, SIGNAL],
  ...NOTES,
  ...FUNCTIONS,
]);
/** Functions that are taken of one process. */
const MOST_FUNCTIONS = 20;

/**
 * Usage vectors from OTLP. Points that say something impossible are refused one by one and counted; the others are kept.
 * Metrics of other names are nobody's business here and are passed over.
 *
 * @param now epoch seconds
 * @param refusal why nothing is taken of a workload and host
 */
export function decodeVectors(
  request: ExportMetricsServiceRequest,
  now: number,
  refusal: (workload: string, host: string) => string | undefined = () => undefined,
): DecodedVectors {
  const refusals = new Refusals();
  const builders = new Map<string, VectorBuilder>();
  for (const resource of request.resourceMetrics) decodeResource(resource, now, builders, refusals, refusal);
  return {
    vectors: [...builders.values()].map((builder) => builder.build()),
    rejected: refusals.count,
    reason: refusals.first,
  };
}

class Refusals {
  count = 0;
  first: string | undefined;

  add(reason: string, points = 1): void {
    this.count += points;
    this.first ??= reason;
  }
}

function decodeResource(
  resource: ResourceMetrics,
  now: number,
  builders: Map<string, VectorBuilder>,
  refusals: Refusals,
  refusalOf: (workload: string, host: string) => string | undefined,
): void {
  const attributes = read(resource.resource?.attributes ?? []);
  const workload = attributes.get(ATTRIBUTE.workload) ?? attributes.get(ATTRIBUTE.service);
  const host = attributes.get(ATTRIBUTE.host);
  for (const scope of resource.scopeMetrics)
    for (const metric of scope.metrics) {
      const { data, name } = metric;
      if (!OURS.has(name) || data.case !== "gauge") continue;
      const { dataPoints } = data.value;
      if (typeof workload !== "string" || !NAME.test(workload))
        refusals.add(`the resource's ${ATTRIBUTE.workload} must be a workload's name`, dataPoints.length);
      else if (typeof host !== "string" || host === "" || host.length > MOST_TEXT)
        refusals.add(`the resource's ${ATTRIBUTE.host} must name the host`, dataPoints.length);
      else {
        const unwanted = refusalOf(workload, host);
        if (unwanted !== undefined) {
          refusals.add(`${workload} on ${host}: ${unwanted}`, dataPoints.length);
          continue;
        }
        for (const point of dataPoints) {
          const refusal = decodePoint(name, point, workload, host, now, builders);
          if (refusal !== undefined) refusals.add(refusal);
        }
      }
    }
}

/** Returns why the point is refused; undefined when it is taken. */
function decodePoint(
  name: string,
  point: NumberDataPoint,
  workload: string,
  host: string,
  now: number,
  builders: Map<string, VectorBuilder>,
): string | undefined {
  const at = microseconds(point.timeUnixNano) / 1e6;
  const interval = Math.round(microseconds(point.timeUnixNano) - microseconds(point.startTimeUnixNano)) / 1e6;
  if (!(at <= now + FUTURE_SECONDS)) return `${name}: its time is in the future`;
  if (!(at >= now - PAST_SECONDS)) return `${name}: its time is too long ago`;
  const signal = name === SIGNAL;
  if (!signal && !(interval > 0 && interval <= LONGEST_INTERVAL))
    return `${name}: its start time must be up to an hour before its time`;
  const value = numberOf(point);
  const attributes = read(point.attributes);
  const metric = attributes.get(ATTRIBUTE.metric);
  const refusal =
    name === REPLICAS
      ? checkReplicas(value)
      : signal
        ? checkSignal(attributes, value)
        : NOTES.has(name)
          ? undefined
          : FUNCTIONS.has(name)
            ? checkFunction(name, attributes, value)
            : checkValue(name, metric, value);
  if (refusal !== undefined) return refusal;
  const key = `${workload}\n${host}\n${at}`;
  let builder = builders.get(key);
  if (builder === undefined) {
    builder = new VectorBuilder(workload, host, at, signal ? INSTANT : interval);
    builders.set(key, builder);
  }
  if (signal) return builder.addSignal(text(attributes.get(ATTRIBUTE.signal)), value);
  if (NOTES.has(name)) return builder.notes.add(name, value, (key) => text(attributes.get(key)));
  if (FUNCTIONS.has(name)) return builder.addFunction(name, value, attributes);
  if (name === REPLICAS) builder.replicas = value;
  else builder.add(name, metric as Metric, value, attributes);
  return undefined;
}

function checkReplicas(value: number): string | undefined {
  if (Number.isInteger(value) && value >= 0 && value <= MOST_REPLICAS) return undefined;
  return `${REPLICAS}: ${value} is no number of replicas`;
}

function checkSignal(attributes: Attributes, value: number): string | undefined {
  if (!NAME.test(text(attributes.get(ATTRIBUTE.signal)))) return `${SIGNAL}: its ${ATTRIBUTE.signal} must be a name`;
  return isPossibleSignal(value) ? undefined : `${SIGNAL}: ${value} is no possible value`;
}

function checkFunction(name: string, attributes: Attributes, value: number): string | undefined {
  if (text(attributes.get(ATTRIBUTE.functionName)) === "")
    return `${name}: its ${ATTRIBUTE.functionName} must be a name`;
  return isPossible("cpu", value) ? undefined : `${name}: ${value} is no possible value of cpu`;
}

function checkValue(name: string, metric: unknown, value: number): string | undefined {
  if (typeof metric !== "string" || !KNOWN_METRICS.has(metric))
    return `${name}: its ${ATTRIBUTE.metric} must be one of ${METRICS.join(", ")}`;
  if (name === CENSORED || name === MISSING) return undefined;
  if (isPossible(metric as Metric, value)) return undefined;
  return `${name}: ${value} is no possible value of ${metric}`;
}

type Attributes = ReadonlyMap<string, string | number>;

class VectorBuilder {
  replicas = 0;
  readonly notes = new NotesBuilder();
  readonly #workload: string;
  readonly #host: string;
  readonly #at: number;
  readonly #interval: number;
  readonly #own = new MeasuresBuilder();
  readonly #signals: Record<string, number> = {};
  readonly #missing: { metric: Metric; reason: string }[] = [];
  readonly #processes = new Map<string, ProcessBuilder>();

  constructor(workload: string, host: string, at: number, interval: number) {
    this.#workload = workload;
    this.#host = host;
    this.#at = at;
    this.#interval = interval;
  }

  add(name: string, metric: Metric, value: number, attributes: Attributes): void {
    if (name === MISSING)
      this.#missing.push({ metric, reason: text(attributes.get(ATTRIBUTE.reason)) || "no reason given" });
    else this.#target(attributes).add(name, metric, value);
  }

  /** Returns why it is refused; undefined when it is taken. */
  addFunction(name: string, value: number, attributes: Attributes): string | undefined {
    const process = this.#process(attributes);
    return process === undefined
      ? `${name}: its ${ATTRIBUTE.pid} must name a process`
      : process.addFunction(name, value, attributes);
  }

  #target(attributes: Attributes): MeasuresBuilder {
    const process = this.#process(attributes);
    if (process === undefined) return this.#own;
    const thread = attributes.get(ATTRIBUTE.thread);
    return typeof thread === "number" ? process.thread(thread, text(attributes.get(ATTRIBUTE.threadName))) : process;
  }

  #process(attributes: Attributes): ProcessBuilder | undefined {
    const pid = attributes.get(ATTRIBUTE.pid);
    if (typeof pid !== "number") return undefined;
    const startTime = Number(attributes.get(ATTRIBUTE.startTime) ?? 0);
    const executable = text(attributes.get(ATTRIBUTE.executable));
    const key = `${pid} ${startTime} ${executable}`;
    let process = this.#processes.get(key);
    if (process === undefined) {
      process = new ProcessBuilder(pid, startTime, executable);
      this.#processes.set(key, process);
    }
    return process;
  }

  /** Returns why it is refused; undefined when it is taken. */
  addSignal(name: string, value: number): string | undefined {
    if (Object.keys(this.#signals).length >= MOST_SIGNALS && this.#signals[name] === undefined)
      return `${SIGNAL}: more than ${MOST_SIGNALS} signals of one workload and host`;
    this.#signals[name] = value;
    return undefined;
  }

  build(): UsageVector {
    return {
      workload: this.#workload,
      host: this.#host,
      at: this.#at,
      interval: this.#interval,
      replicas: this.replicas,
      ...this.#own.measures(this.notes.warmingCpu),
      ...this.notes.notes(),
      ...(Object.keys(this.#signals).length === 0 ? {} : { signals: this.#signals }),
      missing: this.#missing,
      processes: [...this.#processes.values()].map((process) => process.process()),
    };
  }
}

class MeasuresBuilder {
  readonly #usage: Partial<Record<Metric, number>> = {};
  readonly #demand: Partial<Record<Metric, number>> = {};
  readonly #censored: Metric[] = [];

  add(name: string, metric: Metric, value: number): void {
    if (name === USAGE) this.#usage[metric] = value;
    else if (name === DEMAND) this.#demand[metric] = value;
    else if (!this.#censored.includes(metric)) this.#censored.push(metric);
  }

  /**
   * Demand is at least the usage, whatever was sent; except for what replicas in warm-up use.
   *
   * @param warmingCpu cores
   */
  measures(warmingCpu = 0): Measures {
    for (const metric of Object.keys(this.#demand) as Metric[]) {
      const least = (this.#usage[metric] ?? 0) - (metric === "cpu" ? warmingCpu : 0);
      this.#demand[metric] = Math.max(this.#demand[metric]!, least);
    }
    return { usage: this.#usage, demand: this.#demand, censored: this.#censored };
  }
}

class ProcessBuilder extends MeasuresBuilder {
  readonly #pid: number;
  readonly #startTime: number;
  readonly #executable: string;
  readonly #threads = new Map<number, { readonly name: string; readonly measures: MeasuresBuilder }>();
  readonly #functions = new Map<string, { name: string; file?: string; cpu: number; before?: number }>();

  constructor(pid: number, startTime: number, executable: string) {
    super();
    this.#pid = pid;
    this.#startTime = startTime;
    this.#executable = executable;
  }

  thread(tid: number, name: string): MeasuresBuilder {
    let thread = this.#threads.get(tid);
    if (thread === undefined) {
      thread = { name, measures: new MeasuresBuilder() };
      this.#threads.set(tid, thread);
    }
    return thread.measures;
  }

  /** Returns why it is refused; undefined when it is taken. */
  addFunction(gauge: string, value: number, attributes: Attributes): string | undefined {
    const [name, file] = [text(attributes.get(ATTRIBUTE.functionName)), text(attributes.get(ATTRIBUTE.filePath))];
    const key = `${name}\n${file}`;
    let one = this.#functions.get(key);
    if (one === undefined) {
      if (this.#functions.size >= MOST_FUNCTIONS)
        return `${gauge}: more than ${MOST_FUNCTIONS} functions of one process`;
      one = { name, ...(file === "" ? {} : { file }), cpu: 0 };
      this.#functions.set(key, one);
    }
    if (gauge === FUNCTION_CPU) one.cpu = value;
    else one.before = value;
    return undefined;
  }

  process(): ProcessMeasures {
    const functions: readonly FunctionMeasures[] = [...this.#functions.values()];
    return {
      identity: { pid: this.#pid, startTime: this.#startTime },
      executable: this.#executable,
      ...this.measures(),
      threads: [...this.#threads].map(
        ([tid, { name, measures }]): ThreadMeasures => ({ tid, name, ...measures.measures() }),
      ),
      ...(functions.length === 0 ? {} : { functions }),
    };
  }
}

function read(attributes: readonly KeyValue[]): Attributes {
  const map = new Map<string, string | number>();
  for (const { key, value } of attributes) {
    if (value === undefined) continue;
    const { case: kind, value: content } = value.value;
    if (kind === "stringValue") map.set(key, content);
    else if (kind === "intValue" || kind === "doubleValue") map.set(key, Number(content));
  }
  return map;
}

function text(value: string | number | undefined): string {
  return value === undefined ? "" : `${value}`.slice(0, MOST_TEXT);
}

function numberOf({ value }: NumberDataPoint): number {
  return value.case === undefined ? Number.NaN : Number(value.value);
}

/** Agents write whole microseconds, which a number holds exactly for some centuries. */
function microseconds(nanoseconds: bigint): number {
  return Number(nanoseconds / 1000n);
}
