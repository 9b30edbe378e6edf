import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { ExportMetricsServiceRequestSchema } from "./generated/metrics_pb.ts";
import { ExportTraceServiceRequestSchema } from "./generated/trace_pb.ts";

/** `field: content` with a length, as protobuf has it. */
function nested(field: number, ...content: readonly (readonly number[])[]): number[] {
  const bytes = content.flat();
  const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7];
  return [(field << 3) | 2, ...length, ...bytes];
}

function text(field: number, value: string): number[] {
  return nested(field, [...Buffer.from(value)]);
}

/**
 * Bytes put together from the field numbers of opentelemetry-proto 1.x, with fields that are left out here (description,
 * schema_url, exemplars, a histogram, an array attribute), as an SDK sends them.
 */
test("what an OpenTelemetry exporter sends is read, what is unknown here is passed over", () => {
  const time = [0x15, 0xcd, 0x5b, 0x07, 0, 0, 0, 0];
  const attribute = (key: string, value: number[]) => nested(7, text(1, key), nested(2, value));
  const point = [
    ...attribute("cpu.mode", text(1, "user")),
    ...attribute("flag", [0x10, 1]),
    ...attribute("process.pid", [0x18, 0xac, 0x02]),
    ...attribute("ratio", [0x21, 0, 0, 0, 0, 0, 0, 0xe0, 0x3f]),
    ...attribute("list", nested(5, nested(1, text(1, "x")))),
    ...[0x11, 1, 0, 0, 0, 0, 0, 0, 0],
    ...[0x19, ...time],
    ...nested(5, [0x11, 1, 0, 0, 0, 0, 0, 0, 0]),
    ...[0x31, 0xd6, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    ...[0x40, 1],
  ];
  const sum = [
    ...text(1, "s"),
    ...text(2, "about"),
    ...text(3, "By"),
    ...nested(7, nested(1, point), [0x10, 2], [0x18, 1]),
  ];
  const gauge = [...text(1, "g"), ...nested(5, nested(1, [0x21, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f]))];
  const histogram = [...text(1, "h"), ...nested(9, nested(1, [0x21, 7, 0, 0, 0, 0, 0, 0, 0]))];
  const summary = [...text(1, "q"), ...nested(11, nested(1, [0x21, 7, 0, 0, 0, 0, 0, 0, 0]))];
  const scope = [
    ...nested(1, text(1, "sdk"), text(2, "1.0")),
    ...nested(2, sum),
    ...nested(2, gauge),
    ...nested(2, histogram),
    ...nested(2, summary),
    ...text(3, "https://opentelemetry.io/schemas/1.30.0"),
  ];
  const resource = nested(1, text(1, "host.name"), nested(2, text(1, "h1")));
  const bytes = Uint8Array.from(nested(1, nested(1, resource, [0x10, 3]), nested(2, scope)));

  const { resourceMetrics } = fromBinary(ExportMetricsServiceRequestSchema, bytes);
  assert.equal(resourceMetrics.length, 1);
  assert.deepEqual(resourceMetrics[0].resource?.attributes[0].value?.value, { case: "stringValue", value: "h1" });
  const [scopeMetrics] = resourceMetrics[0].scopeMetrics;
  assert.deepEqual([scopeMetrics.scope?.name, scopeMetrics.scope?.version], ["sdk", "1.0"]);
  const [first, second, third, fourth] = scopeMetrics.metrics;
  assert.deepEqual([first.name, first.unit, first.data.case], ["s", "By", "sum"]);
  assert.ok(first.data.case === "sum");
  const { aggregationTemporality, isMonotonic, dataPoints } = first.data.value;
  assert.deepEqual([aggregationTemporality, isMonotonic, dataPoints.length], [2, true, 1]);
  const [{ startTimeUnixNano, timeUnixNano, value, flags, attributes }] = dataPoints;
  assert.deepEqual([startTimeUnixNano, timeUnixNano, flags], [1n, 123456789n, 1]);
  assert.deepEqual(value, { case: "asInt", value: -42n });
  assert.deepEqual(
    attributes.map(({ key, value: any }) => [key, any?.value.value]),
    [
      ["cpu.mode", "user"],
      ["flag", true],
      ["process.pid", 300n],
      ["ratio", 0.5],
      ["list", undefined],
    ],
  );
  assert.ok(second.data.case === "gauge");
  assert.deepEqual(second.data.value.dataPoints[0].value, { case: "asDouble", value: 1.5 });
  assert.ok(third.data.case === "histogram");
  assert.equal(third.data.value.dataPoints[0].count, 7n);
  assert.deepEqual([fourth.name, fourth.data.case], ["q", undefined]);
});

test("spans are written under the field numbers of OTLP", () => {
  const nanos = (value: number) => [value, 0, 0, 0, 0, 0, 0, 0];
  const span = [
    ...nested(1, Array(16).fill(0xab)),
    ...nested(2, Array(8).fill(0xcd)),
    ...nested(4, Array(8).fill(0xef)),
    ...text(5, "up"),
    ...[0x30, 1],
    ...[0x39, ...nanos(5)],
    ...[0x41, ...nanos(9)],
    ...nested(9, text(1, "k"), nested(2, text(1, "v"))),
    ...nested(11, [0x09, ...nanos(7)], text(2, "done")),
    ...nested(15, text(2, "why"), [0x18, 2]),
    ...[0x85, 0x01, 1, 0, 0, 0],
  ];
  const bytes = Uint8Array.from(nested(1, nested(2, nested(1, text(1, "foreshadow")), nested(2, span))));
  const message = fromBinary(ExportTraceServiceRequestSchema, bytes);
  const [read] = message.resourceSpans[0].scopeSpans[0].spans;
  assert.deepEqual(
    [read.name, read.kind, read.flags, read.startTimeUnixNano, read.endTimeUnixNano],
    ["up", 1, 1, 5n, 9n],
  );
  assert.deepEqual([read.traceId[0], read.spanId[0], read.parentSpanId[0]], [0xab, 0xcd, 0xef]);
  assert.deepEqual([read.events[0].name, read.events[0].timeUnixNano, read.status?.code], ["done", 7n, 2]);
  assert.deepEqual(toBinary(ExportTraceServiceRequestSchema, message), bytes);
});
