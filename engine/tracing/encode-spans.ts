import { create, toBinary } from "@bufbuild/protobuf";
import { type KeyValue, KeyValueSchema } from "../../model/otlp/generated/metrics_pb.ts";
import { ExportTraceServiceRequestSchema } from "../../model/otlp/generated/trace_pb.ts";
import type { Span } from "./span.port.ts";

const INTERNAL = 1;
const [OK, ERROR] = [1, 2];
const SAMPLED = 1;
/** Longer texts are cut: an error can be a page. */
const MOST_CHARACTERS = 2000;

/**
 * Spans as the bytes of an ExportTraceServiceRequest.
 *
 * @param resource attributes of what the spans are of
 */
export function encodeSpans(
  spans: readonly Span[],
  resource: Readonly<Record<string, string>>,
  version: string,
): Buffer {
  const request = create(ExportTraceServiceRequestSchema, {
    resourceSpans: [
      {
        resource: { attributes: keyValues(resource) },
        scopeSpans: [{ scope: { name: "foreshadow", version }, spans: spans.map(encoded) }],
      },
    ],
  });
  return Buffer.from(toBinary(ExportTraceServiceRequestSchema, request));
}

function encoded({ traceId, spanId, parent, name, from, to, attributes, events = [], outcome }: Span) {
  return {
    traceId: Buffer.from(traceId, "hex"),
    spanId: Buffer.from(spanId, "hex"),
    parentSpanId: Buffer.from(parent ?? "", "hex"),
    name,
    kind: INTERNAL,
    flags: SAMPLED,
    startTimeUnixNano: nanoseconds(from),
    endTimeUnixNano: nanoseconds(Math.max(from, to)),
    attributes: keyValues(attributes),
    events: events.map((event) => ({ timeUnixNano: nanoseconds(event.at), name: event.name })),
    ...(outcome && { status: { code: outcome.ok ? OK : ERROR, message: cut(outcome.message ?? "") } }),
  };
}

function keyValues(attributes: Span["attributes"]): KeyValue[] {
  return Object.entries(attributes).flatMap(([key, value]) => {
    if (value === undefined) return [];
    const held =
      typeof value === "number"
        ? ({ case: "doubleValue", value } as const)
        : ({ case: "stringValue", value: cut(value) } as const);
    return [create(KeyValueSchema, { key, value: { value: held } })];
  });
}

/** Seconds do not hold nanoseconds since 1970 exactly: microseconds are what there is. */
function nanoseconds(seconds: number): bigint {
  return BigInt(Math.round(seconds * 1e6)) * 1000n;
}

function cut(text: string): string {
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}
