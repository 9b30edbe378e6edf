import assert from "node:assert/strict";
import { test } from "node:test";
import type { AnsweredSeries, Instants } from "../pull/prometheus-server.ts";
import { PrometheusHistory } from "./prometheus-history.ts";
import type { ReadWorkload, WorkloadHistory } from "./usage-history.port.ts";

type Recorded = { name: string; labels: Record<string, string>; value: (tick: number) => number | undefined };

const WINDOW = { from: 600_000, to: 600_000 + 1000 * 300, step: 300 };

/** A server that has recorded rates and means already; it knows the questions that a history asks. */
function serverOf(recorded: readonly Recorded[]) {
  const asked: string[] = [];
  return {
    asked,
    queryRange: async (expression: string, { first, last, step }: Instants): Promise<AnsweredSeries[]> => {
      asked.push(expression);
      const names = /__name__=~"([^"]*)"/.exec(expression)?.[1].split("|") ?? [];
      const series = recorded.filter(({ name }) => names.includes(name));
      if (expression.startsWith("count by (__name__)"))
        return [...new Set(series.map(({ name }) => name))].map((name) => ({
          labels: new Map([["__name__", name]]),
          values: [[last, 1]],
        }));
      if (expression.startsWith("max(count_over_time")) return [{ labels: new Map(), values: [[last, 241]] }];
      if (expression === "vector(7)") return [{ labels: new Map(), values: [[first, 7]] }];
      return series.map(({ labels, value }) => {
        const values: (readonly [number, number])[] = [];
        for (let at = first; at <= last; at += step) {
          const one = value(Math.round((at - WINDOW.from) / 300) - 1);
          if (one !== undefined) values.push([at, one]);
        }
        return { labels: new Map(Object.entries(labels)), values };
      });
    },
  };
}

async function readAll(recorded: readonly Recorded[], workloads: readonly ReadWorkload[]) {
  const all = new Map<string, WorkloadHistory>();
  const history = new PrometheusHistory({ server: serverOf(recorded) });
  for await (const one of history.read(workloads, WINDOW)) all.set(one.workload, one);
  return all;
}

const web: ReadWorkload = { name: "web", labels: { namespace: "shop", pod: "web-*" }, signals: [] };
const pod = (name: string, more: Record<string, string> = {}) => ({ namespace: "shop", pod: name, ...more });

test("pods are added up, and counted, tick by tick", async () => {
  const history = (
    await readAll(
      [
        { name: "container_cpu_usage_seconds_total", labels: pod("web-a", { container: "app" }), value: () => 0.5 },
        { name: "container_cpu_usage_seconds_total", labels: pod("web-a", { container: "proxy" }), value: () => 0.1 },
        // The pod as a whole and its pause container, which would count twice.
        { name: "container_cpu_usage_seconds_total", labels: pod("web-a"), value: () => 0.6 },
        {
          name: "container_cpu_usage_seconds_total",
          labels: pod("web-b", { container: "app" }),
          value: (tick) => (tick >= 500 && tick !== 700 ? 1 : undefined),
        },
        { name: "container_cpu_usage_seconds_total", labels: pod("other-a", { container: "app" }), value: () => 9 },
      ],
      [web],
    )
  ).get("web")!;
  const cpu = history.usage.get("cpu")!;
  const at = [0, 499, 500, 700, 999];
  assert.deepEqual(
    at.map((tick) => [cpu[tick].toFixed(3), history.replicas[tick]]),
    [
      ["0.600", 1],
      ["0.600", 1],
      ["1.600", 2],
      ["0.600", 1],
      ["1.600", 2],
    ],
  );
  assert.equal(history.interval, 15);
  assert.deepEqual(history.demand.get("cpu"), cpu);
});

test("of several that tell one figure of a host the least rank counts, where it tells", async () => {
  const history = (
    await readAll(
      [
        {
          name: "pod_cpu_usage_seconds_total",
          labels: pod("web-a"),
          value: (tick) => (tick < 10 ? 3 : undefined),
        },
        { name: "container_cpu_usage_seconds_total", labels: pod("web-a", { container: "app" }), value: () => 2 },
      ],
      [web],
    )
  ).get("web")!;
  assert.deepEqual([...history.usage.get("cpu")!.subarray(8, 12)], [3, 3, 2, 2]);
});

test("a difference of two gauges needs both; a gap is a gap; the impossible is one", async () => {
  const node: ReadWorkload = { name: "node", labels: { job: "node" }, signals: [] };
  const labels = { job: "node", instance: "a" };
  const history = (
    await readAll(
      [
        { name: "node_memory_MemTotal_bytes", labels, value: () => 1000 },
        { name: "node_memory_MemAvailable_bytes", labels, value: (tick) => (tick === 3 ? undefined : 400) },
        {
          name: "node_cpu_seconds_total",
          labels: { ...labels, mode: "user" },
          value: (tick) => (tick === 5 ? 1e9 : 2),
        },
        { name: "node_cpu_seconds_total", labels: { ...labels, mode: "idle" }, value: () => 30 },
      ],
      [node],
    )
  ).get("node")!;
  assert.deepEqual([...history.usage.get("memory")!.subarray(2, 5)], [600, Number.NaN, 600]);
  assert.deepEqual([...history.usage.get("cpu")!.subarray(4, 7)], [2, Number.NaN, 2]);
});

test("nothing counted in the tick before a gap is a gap too; in others it is nothing", async () => {
  const labels = pod("web-a", { container: "app" });
  const value = (tick: number) => (tick === 50 || tick === 60 ? 0 : tick > 50 && tick < 55 ? undefined : 1);
  const { usage } = (await readAll([{ name: "container_cpu_usage_seconds_total", labels, value }], [web])).get("web")!;
  assert.deepEqual(
    [49, 50, 55, 60, 61].map((tick) => usage.get("cpu")![tick]),
    [1, Number.NaN, 1, 0, 1],
  );
});

test("demand that the agent tells, and what a quota held back", async () => {
  const own: ReadWorkload = { name: "own", signals: [] };
  const labels = { foreshadow_workload: "own", instance: "a" };
  const all = await readAll(
    [
      { name: "foreshadow_usage_cpu_time_seconds_total", labels, value: () => 1 },
      { name: "foreshadow_demand_cpu_time_seconds_total", labels, value: (tick) => (tick % 2 === 0 ? 3 : 0.5) },
      { name: "container_cpu_usage_seconds_total", labels: pod("web-a", { container: "app" }), value: () => 1 },
      {
        name: "container_cpu_cfs_throttled_seconds_total",
        labels: pod("web-a", { container: "app" }),
        value: (tick) => (tick === 4 ? 0.3 : 0.001),
      },
    ],
    [own, web],
  );
  assert.deepEqual([...all.get("own")!.demand.get("cpu")!.subarray(0, 3)], [3, 1, 3]);
  assert.deepEqual([...all.get("web")!.throttled.subarray(3, 6)], [0, 1, 0]);
});

test("what an expression tells of requests is their demand", async () => {
  const told = {
    ...web,
    expressions: [
      { name: "requests", promql: "vector(7)" },
      { name: "backlog", promql: "x" },
    ],
  };
  const history = (await readAll([], [told])).get("web")!;
  assert.deepEqual([history.demand.get("requests")![0], history.demand.size, history.interval], [7, 1, Number.NaN]);
});

test("a hundred workloads are read in groups, and each comes once", async () => {
  const workloads = Array.from({ length: 100 }, (_, i) => ({
    name: `w${i}`,
    labels: { groupname: `w${i}` },
    signals: [],
  }));
  const server = serverOf(
    workloads.map(({ labels }, i) => ({
      name: "namedprocess_namegroup_cpu_seconds_total",
      labels: { ...labels, instance: "a" },
      value: () => i,
    })),
  );
  const shares: number[] = [];
  const got: [string, number][] = [];
  const history = new PrometheusHistory({ server });
  for await (const { workload, usage } of history.read(workloads, WINDOW, (share) => shares.push(share)))
    got.push([workload, usage.get("cpu")![999]]);
  assert.deepEqual(
    got,
    workloads.map(({ name }, i) => [name, i]),
  );
  assert.deepEqual([shares.length, shares.at(-1)], [12, 1]);
  assert.ok(server.asked.every((expression) => expression.length < 4000));
});

test("what replicas have: of pods by who tells of others, of containers by cAdvisor, of machines", async () => {
  const answers: Record<string, AnsweredSeries[]> = {};
  const answer = (part: string, labels: Record<string, string>, value: number) => {
    answers[part] = [
      ...(answers[part] ?? []),
      { labels: new Map(Object.entries(labels)), values: [[WINDOW.to, value]] },
    ];
  };
  const limits = 'kube_pod_container_resource_limits{resource="cpu"}';
  const of = (pod: string, container: string) => ({
    namespace: "monitoring",
    pod: "kube-state-metrics-0",
    exported_namespace: "shop",
    exported_pod: pod,
    exported_container: container,
  });
  answer(limits, of("web-a", "app"), 1.5);
  answer(limits, of("web-a", "proxy"), 0.5);
  answer(limits, of("web-b", "app"), 3);
  answer(limits, of("other-a", "app"), 9);
  answer("container_spec_cpu_quota{container!", pod("web-a", { container: "app" }), 7);
  answer('container_spec_cpu_quota{container=""', { name: "cache" }, 0.5);
  answer("count by", { job: "node", instance: "a" }, 4);
  answer("count by", { job: "node", instance: "b" }, 8);
  answer("node_memory_MemTotal_bytes", { job: "node", instance: "a" }, 2 ** 34);
  const asked: string[] = [];
  const server = {
    queryRange: async (expression: string) => {
      asked.push(expression);
      return Object.entries(answers).find(([part]) => expression.includes(part))?.[1] ?? [];
    },
  };
  const found = await new PrometheusHistory({ server }).capacities(
    [
      web,
      { name: "cache", labels: { name: "cache" }, signals: [] },
      { name: "node", labels: { job: "node" }, signals: [] },
    ],
    WINDOW,
  );
  assert.deepEqual(found.get("web"), [{ figure: "cpu", of: "limit", value: 2.5 }]);
  assert.deepEqual(found.get("cache"), [{ figure: "cpu", of: "limit", value: 0.5 }]);
  assert.deepEqual(found.get("node"), [
    { figure: "cpu", of: "machine", value: 6 },
    { figure: "memory", of: "machine", value: 2 ** 34 },
  ]);
});
