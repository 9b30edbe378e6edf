import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Assessment } from "../../engine/assessment/assess.ts";
import type { HistoryReport } from "../../engine/assessment/history-report.ts";
import { randomNumbers } from "../../engine/forecast/synthetic.ts";
import { loadProject } from "../../engine/project-files.ts";
import { importInto, openMetrics, type RecordedSeries } from "../intake/recorded-series.ts";
import { Servers, unlessThere } from "../intake/servers.ts";

/**
 * Eight days of three workloads: `web`, six pods with limits whose load has a daily pattern; `batch`, one pod without a limit that has it too;
 * `noise`, one whose load is chance alone. What the command says of them is the same from Prometheus, from VictoriaMetrics and from files.
 */

const BIN = fileURLToPath(new URL("../../bin/foreshadow.cjs", import.meta.url));
const DAY = 86_400;
const STEP = 300;
const TICKS = (8 * DAY) / STEP;
const TO = Math.floor(Date.now() / 1000 / STEP) * STEP;
const FROM = TO - TICKS * STEP;
/** Two scrapes before the first tick, so that it has a rate. */
const SCRAPES = { from: FROM - 240, to: TO, every: 120 };

const random = randomNumbers(11);
const wave = (tick: number) => 1 - 0.8 * Math.cos((2 * Math.PI * (FROM + tick * STEP)) / DAY);
const loads: Record<string, Float64Array> = {
  web: Float64Array.from({ length: TICKS }, (_, tick) => 1.6 * wave(tick) + 0.15 * random()),
  batch: Float64Array.from({ length: TICKS }, (_, tick) => 4 * wave(tick) + 0.4 * random()),
  noise: Float64Array.from({ length: TICKS }, () => 1 + 3 * (random() + random() + random())),
};

function pods(name: string, count: number, namespace: string): RecordedSeries[] {
  const load = loads[name];
  return Array.from({ length: count }, (_, i) => ({
    name: "container_cpu_usage_seconds_total",
    kind: "counter",
    labels: { namespace, pod: `${name}-7d4b9c6f5d-x2k9${"bcdfgh"[i]}`, container: "app" },
    value: (at) => load[Math.min(TICKS - 1, Math.max(0, Math.ceil((at - FROM) / STEP) - 1))] / count,
  }));
}

const series: RecordedSeries[] = [
  ...pods("web", 6, "shop"),
  ...pods("batch", 1, "shop"),
  ...pods("noise", 1, "shop"),
  ...pods("web", 6, "shop").map(
    ({ labels }): RecordedSeries => ({
      name: "kube_pod_container_resource_limits",
      kind: "gauge",
      labels: { ...labels, resource: "cpu", unit: "core" },
      value: () => 1,
    }),
  ),
];

const servers = new Servers();
const skip = unlessThere("prometheus", "promtool", "victoria-metrics");
after(() => servers.close());

async function report(...args: string[]): Promise<HistoryReport & { out: string }> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [BIN, "report", "--json", "--out", join(servers.directory, `out-${Math.random()}`), ...args],
    { maxBuffer: 2 ** 26, timeout: 120_000 },
  );
  return JSON.parse(stdout);
}

function of({ workloads }: HistoryReport, name: string): Assessment {
  const found = workloads.find(({ workload }) => workload === name);
  assert.ok(found, `${name} among ${workloads.map(({ workload }) => workload).join(", ")}`);
  return found;
}

const addresses: Record<string, string> = {};
const reports: Record<string, HistoryReport & { out: string }> = {};
before(async () => {
  if (skip) return;
  const [prometheus, victoria] = await Promise.all([
    servers.prometheusOf(openMetrics(series, SCRAPES)),
    servers.victoriaMetrics(),
  ]);
  Object.assign(addresses, { prometheus, victoria });
  await importInto(victoria, series, SCRAPES);
  const files = ["batch", "noise"].map((name) => {
    const rows = Array.from(loads[name], (value, tick) => `${FROM + tick * STEP},${value}`);
    return servers.file(`${name}.csv`, `timestamp,cpu\n${rows.join("\n")}\n`);
  });
  const window = ["--since", "8d", "--until", String(TO)];
  [reports.prometheus, reports.victoria, reports.csv] = await Promise.all([
    report("--prometheus", prometheus, ...window),
    report("--prometheus", victoria, ...window),
    report("--csv", ...files),
  ]);
});

for (const name of ["prometheus", "victoria"])
  test(`${name}: what has a pattern is worth it, what is chance is not`, { skip }, () => {
    const { workloads } = reports[name];
    assert.equal(workloads.length, 3);
    const web = of(reports[name], "web");
    assert.deepEqual([web.kind, web.labels], ["pods", { namespace: "shop", pod: "web-*" }]);
    assert.equal(web.verdict.worth, "worth it", web.verdict.reasons.join("; "));
    const { today, reactive, foreshadow } = web.courses!;
    // Six pods were there, of one core each, as the server has recorded.
    assert.deepEqual([web.capacity?.guessed, web.capacity?.perReplica], [false, 1]);
    assert.equal(today.replicaHours, (6 * web.judgedTicks * STEP) / 3600);
    assert.ok(
      foreshadow.replicaHours < 0.8 * today.replicaHours,
      `${foreshadow.replicaHours} of ${today.replicaHours} h`,
    );
    assert.ok(foreshadow.violationTicks < reactive.violationTicks);
    assert.ok(foreshadow.violationTicks <= 0.02 * web.judgedTicks);
    assert.equal(of(reports[name], "batch").verdict.worth, "worth it");
    const noise = of(reports[name], "noise");
    assert.equal(noise.verdict.worth, "not worth it");
    assert.ok(noise.predictability[0].explained! < 0.05, `${noise.predictability[0].explained}`);
  });

test("the servers and the files say the same", { skip }, () => {
  for (const name of ["batch", "noise"]) {
    const [file, ...others] = ["csv", "prometheus", "victoria"].map((source) => of(reports[source], name));
    for (const other of others) {
      assert.equal(other.verdict.worth, file.verdict.worth, name);
      assert.ok(Math.abs(other.predictability[0].explained! - file.predictability[0].explained!) < 0.05, name);
      for (const course of ["today", "reactive", "foreshadow"] as const) {
        const [a, b] = [other.courses![course], file.courses![course]];
        assert.ok(
          Math.abs(a.replicaHours / b.replicaHours - 1) < 0.03,
          `${name} ${course}: ${a.replicaHours}, ${b.replicaHours} h`,
        );
        assert.ok(Math.abs(a.violationTicks - b.violationTicks) <= 0.01 * file.judgedTicks, `${name} ${course}`);
      }
    }
  }
});

test("what it writes is a page that asks for nothing, and a project that observes", { skip }, () => {
  const { out } = reports.prometheus;
  const page = readFileSync(join(out, "report.html"), "utf8");
  assert.doesNotMatch(page, /<script|<link|<img|@import|url\(|src=|href="(?!#)/);
  assert.match(page, /<svg [^>]*role="img"/);
  const { project, constraints } = loadProject(join(out, "foreshadow.yaml"));
  assert.deepEqual(project.workloads.map(({ name, mode, select }) => [name, mode, select.labels?.pod]).sort(), [
    ["batch", "observe", "batch-*"],
    ["noise", "observe", "noise-*"],
    ["web", "observe", "web-*"],
  ]);
  assert.deepEqual(constraints.get("web")?.availability.replicas, { min: 2, max: 12 });
  assert.equal(JSON.parse(readFileSync(join(out, "report.json"), "utf8")).workloads.length, 3);
});

test("the project that it wrote knows the server, and a pattern leaves others out", { skip }, async () => {
  const project = join(reports.victoria.out, "foreshadow.yaml");
  const args = ["--project", project, "--since", "3d", "--until", String(TO), "--prometheus"];
  const { workloads } = await report("w*", ...args);
  assert.deepEqual(
    workloads.map(({ workload, judgedTicks }) => [workload, judgedTicks]),
    [["web", (2 * DAY) / STEP]],
  );
});

test("init proposes what the server knows, and reads it from there", { skip }, async () => {
  const root = join(servers.directory, "proposed");
  await promisify(execFile)(process.execPath, [BIN, "init", root, "--yes", "--prometheus", addresses.victoria]);
  const { project } = loadProject(join(root, "foreshadow.yaml"));
  assert.equal(project.prometheus?.url, addresses.victoria);
  assert.deepEqual(
    project.workloads.map(({ name, select, mode }) => [name, select.labels, mode]).sort(),
    ["batch", "noise", "web"].map((name) => [name, { namespace: "shop", pod: `${name}-*` }, "observe"]),
  );
});
