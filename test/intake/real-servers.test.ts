import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { newToken } from "../../engine/api/access/token.ts";
import { openIntake } from "../../engine/open-intake.ts";
import { tokenFile } from "../../engine/serve-api.ts";
import { parseProject } from "../../model/project.ts";
import type { UsageVector } from "../../model/vector.ts";
import { Authority } from "./certificates.ts";
import { Servers, unlessThere, until } from "./servers.ts";

/** Usage that the servers of other people measure becomes vectors: real Prometheus, VictoriaMetrics and exporters. */

let servers: Servers;
let vectors: UsageVector[];
let said: string[];
const closing: (() => unknown)[] = [];
beforeEach(() => {
  servers = new Servers();
  vectors = [];
  said = [];
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await servers.close();
});

/** The intake of a project of these lines; its only workload is `web`. @returns its port */
async function intake(lines: string, select: string, more = ""): Promise<number> {
  const file = join(servers.directory, "foreshadow.yaml");
  const text = `version: 1\n${lines}\nworkloads:\n  - { name: web, select: ${select}, stack: { dir: ., name: dev }, constraints: web.yaml${more} }\n`;
  const opened = await openIntake({
    files: {
      project: parseProject(text, file),
      root: servers.directory,
      file,
      constraints: new Map(),
      catalogues: new Map(),
      store: servers.directory,
    },
    sink: { accept: (received) => void vectors.push(...received) },
    metrics: async () => "",
    say: (text) => void said.push(text),
    env: {},
  });
  closing.push(() => opened.close());
  return opened.port;
}

/** A process that takes so much of a core. */
function burn(share: number): number {
  const code = `const on = ${Math.round(share * 50)}; setInterval(() => { const end = Date.now() + on; while (Date.now() < end); }, 50)`;
  const child = spawn(process.execPath, ["-e", code], { argv0: "burner", stdio: "ignore" });
  closing.push(() => child.kill("SIGKILL"));
  return child.pid!;
}

const GROUPS = "process_names:\n  - name: web\n    cmdline: ['setInterval.*while']\n";
const SCRAPE = (targets: string, every = "1s") =>
  `global: { scrape_interval: ${every} }\nscrape_configs:\n  - job_name: web\n    static_configs: [{ targets: ['${targets.replace("http://", "")}'] }]\n`;

test("process-exporter, scraped: CPU and memory of a group of processes", {
  skip: unlessThere("prometheus-process-exporter"),
}, async () => {
  burn(0.3);
  const url = await servers.processExporter(GROUPS);
  await intake(
    `intake: { listen: "127.0.0.1:0" }\nscrapes: [{ url: "${url}/metrics", every: 1s }]`,
    "{ labels: { groupname: web } }",
  );
  await until(() => vectors.length >= 4);
  const { usage, demand, replicas, host, interval } = vectors[3];
  assert.ok(usage.cpu! > 0.01 && usage.cpu! < 1.1, `${usage.cpu} cores of 0.3`);
  assert.ok(usage.memory! > 20e6 && usage.memory! < 300e6, `${usage.memory} bytes`);
  assert.ok(usage.disk_read !== undefined && usage.disk_write !== undefined);
  assert.deepEqual([demand, replicas, host], [usage, 1, url.replace("http://", "")]);
  assert.ok(interval > 0.5 && interval < 5, `${interval} s`);
});

test("node_exporter, scraped: the whole machine", { skip: unlessThere("prometheus-node-exporter") }, async () => {
  const url = await servers.nodeExporter();
  await intake(
    `intake: { listen: "127.0.0.1:0" }\nscrapes: [{ url: "${url}/metrics", every: 1s, labels: { node: n1 } }]`,
    "{ labels: { node: n1 } }",
  );
  await until(() => vectors.length >= 3);
  const { usage, host } = vectors[2];
  assert.equal(host, "n1");
  for (const metric of ["cpu", "memory", "disk_read", "disk_write", "network_receive", "network_transmit"] as const)
    assert.ok(usage[metric] !== undefined && usage[metric] >= 0, `${metric}: ${usage[metric]}`);
  assert.ok(usage.memory! > 100e6, `${usage.memory} bytes`);
});

test("Prometheus' remote write, by TLS with a token: as it was scraped", {
  skip: unlessThere("prometheus", "prometheus-process-exporter"),
}, async () => {
  const authority = new Authority();
  closing.push(() => authority.remove());
  const { certificate, key } = authority.issue("engine");
  const { token, stored } = newToken(
    { name: "p", scopes: ["agent"], person: false, lifetime: 600 },
    Date.now() / 1000,
    randomBytes,
  );
  tokenFile({ store: servers.directory }).add(stored);
  burn(0.3);
  const url = await servers.processExporter(GROUPS);
  const port = await intake(
    `intake: { listen: "127.0.0.1:0", tls: { certificate: "${certificate}", key: "${key}" }, tokens: true }`,
    '{ labels: { groupname: "w*" } }',
  );
  const write = (credentials: string) =>
    `remote_write:\n  - url: https://127.0.0.1:${port}/api/v1/write\n    authorization: { credentials: ${credentials} }\n    tls_config: { ca_file: ${authority.certificate} }\n    queue_config: { batch_send_deadline: 500ms }\n`;
  await servers.prometheus(`${SCRAPE(url)}${write(token)}`);
  await until(() => vectors.length >= 4);
  const { usage } = vectors[3];
  assert.ok(usage.cpu! > 0.01 && usage.cpu! < 1.1, `${usage.cpu} cores of 0.3`);
  assert.ok(usage.memory! > 20e6);
});

test("PromQL from Prometheus: the raw samples of a workload, and a signal", {
  skip: unlessThere("prometheus", "prometheus-process-exporter"),
}, async () => {
  burn(0.3);
  const prometheus = await servers.prometheus(SCRAPE(await servers.processExporter(GROUPS)));
  const signals =
    ', signals: { requests: { promql: "vector(7)" }, backlog: { promql: "count(up)" }, none: { promql: "absent_metric" } }';
  await intake(
    `intake: { listen: "127.0.0.1:0" }\nprometheus: { url: "${prometheus}", every: 1s }`,
    "{ labels: { groupname: web } }",
    signals,
  );
  const measured = () => vectors.filter(({ host }) => host !== "promql");
  await until(() => measured().length >= 4);
  const { usage } = measured()[3];
  assert.ok(usage.cpu! > 0.01 && usage.cpu! < 1.1, `${usage.cpu} cores of 0.3`);
  const told = await until(() => vectors.find(({ signals }) => signals?.backlog !== undefined));
  assert.deepEqual([told.usage, told.signals, told.replicas], [{ requests: 7 }, { backlog: 1 }, 0]);
  const ats = measured().map(({ at }) => at);
  assert.equal(new Set(ats).size, ats.length, "what was read twice is told once");
});

test("VictoriaMetrics answers the same; a server that goes away and comes is told once each", {
  skip: unlessThere("victoria-metrics"),
}, async () => {
  const url = await servers.victoriaMetrics();
  const now = Date.now();
  const lines: string[] = [];
  for (let i = 0; i <= 20; i++)
    for (const pod of ["web-1", "web-2", "other-1"])
      lines.push(
        `container_cpu_usage_seconds_total{namespace="shop",pod="${pod}",container="app"} ${i * 5} ${now - (20 - i) * 5000}`,
      );
  await fetch(`${url}/api/v1/import/prometheus`, { method: "POST", body: lines.join("\n") });
  await fetch(`${url}/internal/force_flush`);
  await intake(
    `intake: { listen: "127.0.0.1:0" }\nprometheus: { url: "${url}", every: 1s }`,
    '{ labels: { namespace: shop, pod: "web-*" } }',
  );
  await until(() => vectors.length >= 40);
  assert.deepEqual([...new Set(vectors.map(({ host }) => host))].sort(), ["web-1", "web-2"]);
  for (const { usage, interval } of vectors)
    assert.deepEqual([usage.cpu?.toFixed(6), interval.toFixed(3)], ["1.000000", "5.000"]);
  await servers.close();
  await until(() => said.some((text) => text.startsWith(`no usage from ${url}`)));
});
