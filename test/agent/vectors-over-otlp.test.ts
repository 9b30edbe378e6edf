import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import type { ExportedWorkload } from "../../agent/export/exported-workload.ts";
import { OtlpEncoder } from "../../agent/export/otlp-encoder.ts";
import { decodeVectors } from "../../engine/usage/otlp/decode-vectors.ts";
import { ExportMetricsServiceRequestSchema, type Metric } from "../../model/otlp/generated/metrics_pb.ts";
import { ATTRIBUTE, PROCESS_CPU_TIME, PROCESS_DISK_IO } from "../../model/otlp/names.ts";
import type { UsageVector } from "../../model/vector.ts";

const AT = 1_795_491_620.123;

function vector(at = AT): UsageVector {
  return {
    workload: "web",
    host: "höst-1",
    at,
    interval: 1.000517,
    replicas: 3,
    usage: { cpu: 0.1 + 0.2, memory: 2 ** 33 + 1, disk_read: 0, disk_write: 1e9 / 3 },
    demand: { cpu: 1.7, memory: 2 ** 33 + 1, disk_read: 0, disk_write: 1e9 / 3 },
    censored: ["disk_write"],
    heldBack: { cpu_wait: 1.4, cpu_throttled: 0.75, memory_swapped: 2 ** 31, connections_refused: 0.2 },
    warming: { replicas: 1, cpu: 0.125 },
    ended: 12,
    sources: { network: "ebpf", short_lived: "residual" },
    degraded: [{ part: "short_lived", reason: "taskstats: EPERM" }],
    missing: [{ metric: "network_receive", reason: "shares the host's network namespace" }],
    processes: [
      {
        identity: { pid: 4_194_304, startTime: 987_654_321_000 },
        executable: 'no"de\\',
        usage: { cpu: 0.25, memory: 5 },
        demand: { cpu: 0.5, memory: 5 },
        censored: [],
        threads: [{ tid: 77, name: "worker 1", usage: { cpu: 0 }, demand: { cpu: 0.25 }, censored: [] }],
        functions: [
          { name: "höt", file: "app.js", cpu: 0.2, before: 0 },
          { name: "(garbage collector)", cpu: 0.05 },
        ],
      },
      {
        identity: { pid: 0, startTime: 0 },
        executable: "sh",
        usage: { cpu: 0, memory: 9 },
        demand: { cpu: 0, memory: 9 },
        censored: [],
        threads: [],
      },
    ],
  };
}

function exported(value: UsageVector): ExportedWorkload {
  const counters = { user: 12.5, system: 1.25, waited: 3, read: 4096, written: Number.NaN };
  return { vector: value, processes: value.processes.map((measures) => ({ measures, counters })) };
}

test("a vector comes back from the wire as it was", () => {
  const encoder = new OtlpEncoder("web", "höst-1", AT - 100);
  const request = fromBinary(ExportMetricsServiceRequestSchema, encoder.encode(exported(vector())));
  const { vectors, rejected } = decodeVectors(request, AT);
  assert.deepEqual(vectors, [vector()]);
  assert.equal(rejected, 0);
});

test("what replicas in warm-up use is not made demand on the way", () => {
  const warming = { ...vector(), demand: { cpu: 0.25 }, warming: { replicas: 1, cpu: 0.1 } };
  const encoder = new OtlpEncoder("web", "höst-1", AT - 100);
  const request = fromBinary(ExportMetricsServiceRequestSchema, encoder.encode(exported(warming)));
  assert.equal(decodeVectors(request, AT).vectors[0].demand.cpu, 0.25, "usage is 0.3, of which 0.1 warms up");
});

test("requests put one after another are one request with all vectors", () => {
  const encoder = new OtlpEncoder("web", "höst-1", AT - 100);
  const bytes = Buffer.concat([AT, AT + 1, AT + 2].map((at) => encoder.encode(exported(vector(at)))));
  const { vectors } = decodeVectors(fromBinary(ExportMetricsServiceRequestSchema, bytes), AT);
  assert.deepEqual(vectors, [vector(), vector(AT + 1), vector(AT + 2)]);
});

test("counters are cumulative sums under OpenTelemetry's names, and unreadable ones are absent", () => {
  const encoder = new OtlpEncoder("web", "höst-1", AT - 100);
  const request = fromBinary(ExportMetricsServiceRequestSchema, encoder.encode(exported(vector())));
  const metrics = request.resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
  const cpu = points(metrics, PROCESS_CPU_TIME);
  assert.deepEqual(
    cpu.map(({ attributes, value }) => [attributes[ATTRIBUTE.pid], attributes[ATTRIBUTE.cpuMode], value]),
    [
      [4_194_304n, "user", 12.5],
      [4_194_304n, "system", 1.25],
      [0n, "user", 12.5],
      [0n, "system", 1.25],
    ],
  );
  assert.deepEqual(
    points(metrics, PROCESS_DISK_IO).map(({ attributes }) => attributes[ATTRIBUTE.diskDirection]),
    ["read", "read"],
  );
});

function points(metrics: readonly Metric[], name: string) {
  const metric = metrics.find((candidate) => candidate.name === name);
  assert.ok(metric?.data.case === "sum");
  assert.equal(metric.data.value.aggregationTemporality, 2);
  assert.equal(metric.data.value.isMonotonic, true);
  return metric.data.value.dataPoints.map((point) => ({
    value: point.value.value,
    attributes: Object.fromEntries(point.attributes.map(({ key, value }) => [key, value?.value.value])),
  }));
}
