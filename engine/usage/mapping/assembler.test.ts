import assert from "node:assert/strict";
import { test } from "node:test";
import { VectorAssembler } from "./assembler.ts";
import { type AttributedWorkload, Attribution, type SignalSeries } from "./attribution.ts";
import type { Sample } from "./sample.ts";

const NOW = 1_800_000_000;

function assembler(
  workloads: Partial<AttributedWorkload>[] = [{ labels: { job: "web" } }],
  series = 1000,
): VectorAssembler {
  const attribution = new Attribution(workloads.map((one) => ({ name: "web", signals: [], ...one })));
  return new VectorAssembler({ attribution, series });
}

const sample = (
  name: string,
  at: number,
  value: number,
  labels: Record<string, string> = {},
  more: Partial<Sample> = {},
): Sample => ({
  name,
  at: NOW + at,
  value,
  labels: new Map(Object.entries({ job: "web", instance: "h1", ...labels })),
  ...more,
});

/** Takes all, then tells the vectors. */
function vectors(one: VectorAssembler, samples: readonly Sample[], now = NOW + 600) {
  const taken = one.take(samples, "s", now);
  return { taken, vectors: one.due(now, 0) };
}

const CPU = "process_cpu_time";
const usages = (of: ReturnType<typeof vectors>) =>
  of.vectors.map(({ at, interval, usage }) => [at - NOW, interval, usage.cpu]);

test("a counter becomes its rate, the first sample but the base", () => {
  const told = vectors(
    assembler(),
    [0, 10, 20].map((at) => sample(CPU, at, at * 0.5)),
  );
  assert.deepEqual(usages(told), [
    [10, 10, 0.5],
    [20, 10, 0.5],
  ]);
  assert.deepEqual(told.vectors[0].demand, { cpu: 0.5 });
  assert.equal(told.vectors[0].replicas, 1);
});

test("a counter that falls was started anew; one that was not read for long says nothing of that time", () => {
  assert.deepEqual(usages(vectors(assembler(), [sample(CPU, 0, 100), sample(CPU, 10, 5)])), [[10, 10, 0.5]]);
  const gap = [sample(CPU, 0, 0), sample(CPU, 10, 1), sample(CPU, 1000, 500), sample(CPU, 1010, 501)];
  assert.deepEqual(usages(vectors(assembler(), gap, NOW + 1010)), [
    [10, 10, 0.1],
    [1010, 10, 0.1],
  ]);
});

test("a delta is what came since its start", () => {
  const delta = (at: number) => sample(CPU, at, 5, {}, { counts: "delta", start: NOW + at - 10 });
  assert.deepEqual(usages(vectors(assembler(), [sample("process_memory_usage", 0, 1), delta(10), delta(20)])), [
    [10, 10, 0.5],
    [20, 10, 0.5],
  ]);
});

test("a process that began while others were measured counts from its start", () => {
  const old = (at: number, value: number) => sample(CPU, at, value, { process_pid: "1" });
  const young = sample(CPU, 20, 4, { process_pid: "2" }, { counts: "cumulative", start: NOW + 12 });
  assert.deepEqual(usages(vectors(assembler(), [old(0, 0), old(10, 1), old(20, 2), young])), [
    [10, 10, 0.1],
    [20, 10, 0.5],
  ]);
});

test("what was read of a host at one time is one vector, in however many requests it comes", () => {
  const one = assembler();
  one.take([sample(CPU, 0, 0), sample("process_memory_usage", 0.2, 5)], "s", NOW);
  one.take([sample(CPU, 10, 5)], "s", NOW + 10);
  assert.deepEqual(one.due(NOW + 11), []);
  one.take([sample("process_memory_usage", 10.2, 7)], "s", NOW + 11);
  const [vector, ...others] = one.due(NOW + 14);
  assert.deepEqual([vector.usage, others], [{ cpu: 0.5, memory: 7 }, []]);
});

test("what a sender could not deliver comes all at once, shard by shard, and nothing is lost", () => {
  const times = [0, 10, 20, 30];
  const told = vectors(assembler(), [
    ...times.map((at) => sample(CPU, at, at)),
    ...times.map((at) => sample("process_memory_usage", at, 9)),
  ]);
  assert.deepEqual(
    told.vectors.map(({ usage }) => usage),
    [1, 1, 1].map((cpu) => ({ cpu, memory: 9 })),
  );
});

test("what came twice or out of order is not counted twice", () => {
  const series = [0, 10, 10, 20, 10, 30].map((at) => sample(CPU, at, at));
  const { taken, ...told } = vectors(assembler(), series);
  assert.deepEqual([taken.used, taken.repeated, taken.refused], [4, 2, 0]);
  assert.deepEqual(
    usages({ taken, ...told }).map(([, , cpu]) => cpu),
    [1, 1, 1],
  );
});

test("what cannot be is refused and counted, with the reason, and what is good beside it is kept", () => {
  const bad: [number, number][] = [
    [5, Number.NaN],
    [6, -1],
    [7, Number.POSITIVE_INFINITY],
    [5000, 1],
    [-100_000, 1],
  ];
  const { taken, vectors: told } = vectors(assembler(), [
    sample(CPU, 0, 0),
    ...bad.map(([at, value]) => sample(CPU, at, value)),
    sample(CPU, 10, 5),
    sample(CPU, 20, 1e9),
  ]);
  assert.equal(taken.refused, bad.filter(([at]) => at !== -100_000).length + 1);
  assert.match(taken.reason!, /^process_cpu_time: NaN is no possible value/);
  assert.deepEqual(
    told.map(({ usage }) => usage.cpu),
    [0.5],
  );
});

test("series beyond the bound of a sender are refused, those that were there are followed", () => {
  const one = assembler(undefined, 3);
  const series = (at: number) => Array.from({ length: 10 }, (_, i) => sample(CPU, at, at, { process_pid: `${i + 1}` }));
  assert.deepEqual(one.take(series(0), "s", NOW).refused, 7);
  const { taken, vectors: told } = vectors(one, series(10));
  assert.deepEqual([taken.refused, one.series], [7, 3]);
  assert.equal(told[0].usage.cpu, 3);
  assert.match(taken.reason!, /more than 3 series of one sender/);
  assert.equal(one.take(series(20).slice(5, 6), "another", NOW + 600).refused, 0);
});

test("who was silent for long is forgotten", () => {
  const one = assembler();
  one.take([sample(CPU, 0, 0)], "s", NOW);
  one.due(NOW + 700);
  assert.equal(one.series, 0);
});

test("of families that say the same, what is about the whole counts", () => {
  const at = (time: number) => [
    sample("container_cpu_usage_seconds_total", time, time, { pod: "p", container: "app" }),
    sample("container_cpu_usage_seconds_total", time, time * 2, { pod: "p" }),
    sample("container_cpu_usage_seconds_total", time, time * 3, { pod: "p", container: "POD" }),
    sample("pod_cpu_usage_seconds_total", time, time * 1.5, { pod: "p" }),
    sample("container_memory_working_set_bytes", time, 70, { pod: "p", container: "app" }),
    sample("container_memory_usage_bytes", time, 100, { pod: "p", container: "app" }),
    sample("container_network_receive_bytes_total", time, time * 8, { pod: "p", interface: "eth0" }),
    sample("container_network_receive_bytes_total", time, time * 99, { pod: "p", interface: "lo" }),
  ];
  const { vectors: told } = vectors(assembler(), [...at(0), ...at(10)]);
  assert.deepEqual(told[0].usage, { cpu: 1.5, memory: 70, network_receive: 8 });
  assert.equal(told[0].host, "p");
});

test("a machine's memory is what is not available of it, and nothing where one of the two is not told", () => {
  const at = (time: number, names: Record<string, number>) =>
    Object.entries(names).map(([name, value]) => sample(`node_memory_${name}_bytes`, time, value));
  const both = { MemTotal: 100, MemAvailable: 30 };
  const cpu = (time: number) => sample("node_cpu_seconds_total", time, time, { mode: "user", cpu: "0" });
  const told = vectors(assembler(), [
    ...at(0, both),
    cpu(0),
    ...at(10, both),
    cpu(10),
    ...at(20, { MemTotal: 100 }),
    cpu(20),
  ]);
  assert.deepEqual(
    told.vectors.map(({ usage }) => usage),
    [{ memory: 70, cpu: 1 }, { cpu: 1 }],
  );
});

test("CPU that a quota holds back is known to be more", () => {
  const at = (time: number) => [
    sample("container_cpu_usage_seconds_total", time, time, { pod: "p", container: "app" }),
    sample("container_cpu_cfs_throttled_seconds_total", time, time, { pod: "p", container: "app" }),
  ];
  assert.deepEqual(vectors(assembler(), [...at(0), ...at(10)]).vectors[0].censored, ["cpu"]);
});

test("main processes are replicas; processes are told with what each takes", () => {
  const at = (time: number) =>
    [
      ["1", "0"],
      ["2", "1"],
      ["3", "0"],
    ].map(([process_pid, process_parent_pid]) =>
      sample(CPU, time, time / 2, { process_pid, process_parent_pid, process_executable_name: "web" }),
    );
  const [vector] = vectors(assembler(), [...at(0), ...at(10)]).vectors;
  assert.equal(vector.replicas, 2);
  assert.deepEqual(
    vector.processes.map(({ identity, executable, usage }) => [identity.pid, executable, usage]),
    [
      [1, "web", { cpu: 0.5 }],
      [2, "web", { cpu: 0.5 }],
      [3, "web", { cpu: 0.5 }],
    ],
  );
});

test("a service's own name, or the workload's, says whose a series is where no labels do", () => {
  const workloads = [{ name: "web" }, { name: "db", labels: { job: "db" } }];
  const one = assembler(workloads);
  const at = (time: number) => [
    sample(CPU, time, time, { service_name: "web" }),
    sample(CPU, time, time * 2, { job: "db", service_name: "web" }),
    sample(CPU, time, time * 4, { foreshadow_workload: "db", job: "x" }),
    sample(CPU, time, time * 9, { job: "x" }),
  ];
  const { vectors: told } = vectors(one, [...at(0), ...at(10)]);
  assert.deepEqual(
    told.map(({ workload, usage }) => [workload, usage.cpu]),
    [
      ["web", 3],
      ["db", 4],
    ],
  );
});

test("requests, errors and signals are told from series by name", () => {
  const signals: SignalSeries[] = [
    { name: "backlog", metric: "queue.length", labels: { queue: "mail*" } },
    { name: "jobs", metric: "jobs_total", labels: {} },
  ];
  const at = (time: number) => [
    sample("http_requests_total", time, time * 9, { code: "200" }),
    sample("http_requests_total", time, time, { code: "503" }),
    sample("http_server_active_requests", time, 4),
    sample("queue_length", time, 12, { queue: "mail-1" }),
    sample("queue_length", time, 99, { queue: "other" }),
    sample("jobs_total", time, time * 2),
  ];
  const [vector] = vectors(assembler([{ labels: { job: "web" }, signals }]), [...at(0), ...at(10)]).vectors;
  assert.deepEqual(vector.usage, { requests: 10, errors: 1 });
  assert.deepEqual(vector.signals, { concurrency: 4, backlog: 12, jobs: 2 });
  assert.equal(vector.replicas, 0, "what tells of load alone is no replica");
});
