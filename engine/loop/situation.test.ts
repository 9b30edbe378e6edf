import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCapacity } from "../../model/capacity.ts";
import { parseConstraints } from "../../model/constraints.ts";
import type { Metric, SeriesName } from "../../model/dimension.ts";
import { parseProject } from "../../model/project.ts";
import { vectorOf } from "./feedback.fixture.ts";
import { decideInput, type Situation } from "./situation.ts";

const AT = 1_800_000_000;
const project = parseProject(
  'version: 1\nworkloads:\n  - { name: web, select: { cgroup: /web }, stack: { dir: ".", name: dev }, constraints: web.yaml }\n',
  "foreshadow.yaml",
);
const lead = { p95: 60, p99: 60 };

/** Whether the demand of a series is told to be held back by a limit when a vector says so of a metric. */
function censored(series: SeriesName, metric: Metric): boolean | undefined {
  const situation: Situation = {
    at: AT,
    project,
    workload: project.workloads[0],
    constraints: parseConstraints("version: 1\n", "web.yaml"),
    capacity: parseCapacity(
      "version: 1\nweb:\n  owns: desired\n  replicas: { count: 4 }\n  perReplica: { cpu: 1 }\n",
      "c.yaml",
    ).get("web")!,
    series: [series],
    forecasts: {},
    notes: [],
    fixedPerReplica: {},
    demand: new Map([[series, 10]]),
    fills: 0,
    vectors: [vectorOf(AT, { censored: [metric] })],
    status: undefined,
    pending: [],
    freezes: [],
    pins: [],
    lastActions: [],
    leadTime: { out: lead, in: lead, vertical: lead },
    memory: undefined,
  };
  return decideInput(situation).demand[series]?.censored;
}

test("a series is censored when a vector says so of what it is made of", () => {
  const made: [SeriesName, Metric][] = [
    ["cpu", "cpu"],
    ["memory", "memory"],
    ["disk", "disk_read"],
    ["disk", "disk_write"],
    ["network", "network_receive"],
    ["network", "network_transmit"],
  ];
  for (const [series, metric] of made) assert.equal(censored(series, metric), true, `${series} by ${metric}`);
});

test("what others are made of, and operations, for which more throughput would not help, do not censor it", () => {
  assert.equal(censored("memory", "cpu"), false);
  assert.equal(censored("disk", "disk_write_operations"), false);
  assert.equal(censored("storage", "disk_write"), false);
});
