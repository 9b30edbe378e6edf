import type { ExportMetricsServiceRequest, KeyValue, Metric } from "../../../model/otlp/generated/metrics_pb.ts";
import { type Labels, prometheusName, type Sample } from "../mapping/sample.ts";

/** DataPointFlags: nothing was recorded. */
const NO_VALUE = 1;
const DELTA = 1;
/** Name of the scope whose vectors come whole besides: its counters say the same again. */
const OWN_SCOPE = "foreshadow.agent";

interface Point {
  readonly attributes: readonly KeyValue[];
  readonly startTimeUnixNano: bigint;
  readonly timeUnixNano: bigint;
  readonly flags: number;
  readonly value: number;
}

/**
 * The samples of a request whose metrics mean something. Histograms count as counters of their values.
 *
 * @param names metrics that do, as Prometheus writes them
 */
export function* otlpSamples(request: ExportMetricsServiceRequest, names: ReadonlySet<string>): Generator<Sample> {
  for (const { resource, scopeMetrics } of request.resourceMetrics) {
    let own: ReadonlyMap<string, string> | undefined;
    for (const { scope, metrics } of scopeMetrics) {
      if (scope?.name === OWN_SCOPE) continue;
      for (const metric of metrics) {
        const name = prometheusName(metric.name);
        if (!names.has(name)) continue;
        own ??= read(resource?.attributes ?? []);
        const counts = countsOf(metric);
        for (const { attributes, timeUnixNano, startTimeUnixNano, flags, value } of pointsOf(metric)) {
          if ((flags & NO_VALUE) !== 0) continue;
          yield {
            name,
            labels: attributes.length === 0 ? own : new Map([...own, ...read(attributes)]),
            value,
            at: seconds(timeUnixNano),
            ...(counts !== undefined && { counts }),
            ...(startTimeUnixNano !== 0n && { start: seconds(startTimeUnixNano) }),
          };
        }
      }
    }
  }
}

function countsOf({ data }: Metric): Sample["counts"] {
  if (data.case === undefined || data.case === "gauge") return undefined;
  return data.value.aggregationTemporality === DELTA ? "delta" : "cumulative";
}

function* pointsOf({ data }: Metric): Generator<Point> {
  if (data.case === "histogram" || data.case === "exponentialHistogram")
    for (const point of data.value.dataPoints) yield Object.assign(point, { value: Number(point.count) });
  else if (data.case !== undefined)
    for (const point of data.value.dataPoints)
      yield {
        attributes: point.attributes,
        startTimeUnixNano: point.startTimeUnixNano,
        timeUnixNano: point.timeUnixNano,
        flags: point.flags,
        value: point.value.case === undefined ? Number.NaN : Number(point.value.value),
      };
}

/** Attributes with plain values, as labels. */
function read(attributes: readonly KeyValue[]): Labels {
  const labels = new Map<string, string>();
  for (const { key, value } of attributes) {
    const content = value?.value.value;
    if (content !== undefined) labels.set(prometheusName(key), String(content));
  }
  return labels;
}

function seconds(nanoseconds: bigint): number {
  return Number(nanoseconds / 1000n) / 1e6;
}
