import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PrometheusHistory } from "../../engine/usage/history/prometheus-history.ts";
import type { WorkloadHistory } from "../../engine/usage/history/usage-history.port.ts";
import { HttpSource } from "../../engine/usage/pull/http-source.ts";
import { PrometheusServer } from "../../engine/usage/pull/prometheus-server.ts";
import { importInto, openMetrics, type RecordedSeries } from "./recorded-series.ts";
import { Servers, unlessThere } from "./servers.ts";

/** The past as real servers keep it: two days of pods that come and go, counters that begin anew, a server that was off for an hour. */

const HOUR = 3600;
const FROM = Math.floor(Date.now() / 1000 / HOUR) * HOUR - 50 * HOUR;
const SCRAPES = { from: FROM, to: FROM + 48 * HOUR, every: 30 };
const WINDOW = { from: FROM + HOUR, to: FROM + 47 * HOUR, step: 300 };
/** No scrape for an hour. */
const OFF = [FROM + 20 * HOUR, FROM + 21 * HOUR];

const load = (at: number) => 1 + 0.5 * Math.sin((2 * Math.PI * at) / (24 * HOUR));
const unlessOff = (value: (at: number) => number | undefined) => (at: number) =>
  at > OFF[0] && at < OFF[1] ? undefined : value(at);
const container = (pod: string) => ({ namespace: "shop", pod, container: "app", job: "kubelet", instance: "n1" });

/** The second pod of `web` comes after a day; the first is replaced after 30 hours by one whose counters begin at nothing. */
const series: RecordedSeries[] = [
  ...["web-7d4b9c6f5d-x2k9z", "web-7d4b9c6f5d-b4nqp", "web-7d4b9c6f5d-zz2kq"].flatMap((pod, i): RecordedSeries[] => {
    const alive = [
      (at: number) => at < FROM + 30 * HOUR,
      (at: number) => at >= FROM + 24 * HOUR,
      (at: number) => at >= FROM + 30 * HOUR,
    ][i];
    const when = (value: (at: number) => number) => unlessOff((at) => (alive(at) ? value(at) : undefined));
    const labels = container(pod);
    return [
      { name: "container_cpu_usage_seconds_total", kind: "counter", labels, value: when(load) },
      {
        name: "container_cpu_usage_seconds_total",
        kind: "counter",
        labels: { ...labels, container: "" },
        value: when(load),
      },
      { name: "container_memory_working_set_bytes", kind: "gauge", labels, value: when(() => 1e9) },
      {
        name: "container_network_receive_bytes_total",
        kind: "counter",
        labels: { ...labels, container: "POD", interface: "eth0" },
        value: when((at) => 1e6 * load(at)),
      },
    ];
  }),
  {
    name: "node_cpu_seconds_total",
    kind: "counter",
    labels: { job: "node", instance: "n1:9100", cpu: "0", mode: "user" },
    value: unlessOff(() => 0.4),
  },
  {
    name: "node_cpu_seconds_total",
    kind: "counter",
    labels: { job: "node", instance: "n1:9100", cpu: "1", mode: "user" },
    value: unlessOff(() => 0.2),
  },
  {
    name: "node_cpu_seconds_total",
    kind: "counter",
    labels: { job: "node", instance: "n1:9100", cpu: "0", mode: "idle" },
    value: unlessOff(() => 0.6),
  },
  {
    name: "process_cpu_seconds_total",
    kind: "counter",
    labels: { job: "node", instance: "n1:9100" },
    value: unlessOff(() => 0.01),
  },
];

const servers = new Servers();
const histories = new Map<string, PrometheusHistory>();
const skip = unlessThere("prometheus", "promtool", "victoria-metrics");
before(async () => {
  if (skip) return;
  const addresses = {
    prometheus: await servers.prometheusOf(openMetrics(series, SCRAPES)),
    victoria: await servers.victoriaMetrics(),
  };
  await importInto(addresses.victoria, series, SCRAPES);
  for (const [name, url] of Object.entries(addresses))
    histories.set(
      name,
      new PrometheusHistory({ server: new PrometheusServer(new HttpSource({ url, timeout: 20_000 })) }),
    );
});
after(() => servers.close());

async function read(name: string): Promise<Map<string, WorkloadHistory>> {
  const history = histories.get(name)!;
  const found = await history.find(WINDOW);
  const all = new Map<string, WorkloadHistory>();
  for await (const one of history.read(
    found.map((one) => ({ ...one, signals: [] })),
    WINDOW,
  ))
    all.set(one.workload, one);
  return all;
}

const tickAt = (at: number) => Math.floor((at - WINDOW.from) / WINDOW.step);

for (const name of ["prometheus", "victoria"])
  test(`${name}: workloads are found, and what they used is what was recorded`, { skip }, async () => {
    const all = await read(name);
    assert.deepEqual([...all.keys()].sort(), ["node", "web"]);
    const { usage, replicas, interval } = all.get("web")!;
    const [cpu, memory, network] = ["cpu", "memory", "network_receive"].map((metric) => usage.get(metric as "cpu")!);
    assert.ok(Math.abs(interval - 30) < 0.5, `${interval} s`);
    assert.ok(!cpu.includes(0), "a gap is no zero");
    let [compared, gaps] = [0, 0];
    for (let tick = 0; tick < cpu.length; tick++) {
      const at = WINDOW.from + (tick + 0.5) * WINDOW.step;
      // Where pods come and go a tick has a part of each.
      const changes = [FROM + 24 * HOUR, FROM + 30 * HOUR, ...OFF].some(
        (time) => Math.abs(at - time) <= 2 * WINDOW.step,
      );
      if (changes) continue;
      if (at > OFF[0] && at < OFF[1]) {
        assert.ok(Number.isNaN(cpu[tick]) && Number.isNaN(replicas[tick]), `${tick}: ${cpu[tick]}`);
        gaps++;
        continue;
      }
      const pods = at < FROM + 24 * HOUR ? 1 : 2;
      assert.equal(replicas[tick], pods, `replicas at ${tick}`);
      assert.ok(
        Math.abs(cpu[tick] / (pods * load(at)) - 1) < 0.01,
        `cpu at ${tick}: ${cpu[tick]} of ${pods * load(at)}`,
      );
      assert.ok(Math.abs(network[tick] / (1e6 * pods * load(at)) - 1) < 0.01, `network at ${tick}`);
      assert.equal(memory[tick], 1e9 * pods);
      compared++;
    }
    assert.deepEqual([gaps, compared > 480], [8, true], `${compared} compared`);
    const node = all.get("node")!;
    assert.ok(Math.abs(node.usage.get("cpu")![tickAt(FROM + 10 * HOUR)] - 0.6) < 0.01);
  });

test("both servers tell the same, ticks with a change aside", { skip }, async () => {
  const [one, other] = await Promise.all(["prometheus", "victoria"].map(read));
  const [a, b] = [one, other].map((all) => all.get("web")!.usage.get("cpu")!);
  const differing = a.filter((value, tick) => !Number.isNaN(value) && !(Math.abs(b[tick] / value - 1) < 0.01));
  assert.ok(differing.length <= 4, `${differing.length} of ${a.length} ticks differ`);
});
