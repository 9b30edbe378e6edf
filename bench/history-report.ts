import { readFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { parseArgs } from "node:util";
import type { Assessment } from "../engine/assessment/assess.ts";
import { assessOnThreads } from "../engine/assessment/assessment-threads.ts";
import { inOrder, totalsOf } from "../engine/assessment/history-report.ts";
import { recordedFromServer } from "../engine/assessment/recorded-from-server.ts";
import { reportPage } from "../engine/assessment/report-page.ts";
import { randomNumbers } from "../engine/forecast/synthetic.ts";
import { PrometheusHistory } from "../engine/usage/history/prometheus-history.ts";
import { HttpSource } from "../engine/usage/pull/http-source.ts";
import { PrometheusServer } from "../engine/usage/pull/prometheus-server.ts";
import { Servers } from "../test/intake/servers.ts";
import { replaceSection } from "./doc-section.ts";

/**
 * How long a report from the history of a server takes: a VictoriaMetrics on this machine is filled with workloads of four dimensions, of which
 * half have a daily pattern and half are noise, and read and judged as `foreshadow report --prometheus` does it.
 *
 * Arguments: --workloads N (200), --days N (14), --every SECONDS between scrapes (60), --threads N (one a processor), --out FILE.
 */
const { values: flags } = parseArgs({
  options: {
    workloads: { type: "string", default: "200" },
    days: { type: "string", default: "14" },
    every: { type: "string", default: "60" },
    threads: { type: "string", default: String(availableParallelism()) },
    out: { type: "string" },
  },
});
const [count, days, every, threads] = [flags.workloads, flags.days, flags.every, flags.threads].map(Number);
const DAY = 86_400;
const STEP = 300;
const TO = Math.floor(Date.now() / 1000 / DAY) * DAY;
const FROM = TO - days * DAY;

/** Metrics of one pod: the name, its labels besides, its size beside CPU, and whether it counts up. */
const METRICS: readonly (readonly [name: string, labels: Record<string, string>, size: number, counts: boolean])[] = [
  ["container_cpu_usage_seconds_total", {}, 1, true],
  ["container_memory_working_set_bytes", {}, 1e9, false],
  ["container_fs_reads_bytes_total", {}, 1e6, true],
  ["container_fs_writes_bytes_total", {}, 2e6, true],
  ["container_network_receive_bytes_total", { interface: "eth0" }, 3e6, true],
  ["container_network_transmit_bytes_total", { interface: "eth0" }, 5e6, true],
];

async function fill(url: string): Promise<void> {
  const random = randomNumbers(1);
  const scrapes = Math.floor((TO - FROM) / every) + 1;
  const timestamps = Array.from({ length: scrapes }, (_, i) => (FROM + i * every) * 1000);
  for (let n = 0; n < count; n++) {
    const lines = METRICS.map(([name, labels, size, counts]) => {
      let total = 0;
      const values = timestamps.map((at) => {
        const wave = n % 2 === 0 ? 1 - 0.8 * Math.cos((2 * Math.PI * (at / 1000 + n * 600)) / DAY) : 1;
        const load = size * (2 * wave + (n % 2 === 0 ? 0.3 : 1.5) * random());
        total += load * every;
        return Math.round(1000 * (counts ? total : load)) / 1000;
      });
      const metric = { __name__: name, namespace: "shop", pod: `w${n}-7d4b9c6f5d-x2k9z`, container: "app", ...labels };
      return JSON.stringify({ metric, values, timestamps });
    });
    const { ok, status } = await fetch(`${url}/api/v1/import`, { method: "POST", body: lines.join("\n") });
    if (!ok) throw new Error(`import: ${status}`);
  }
  await fetch(`${url}/internal/force_flush`);
}

/** Seconds of processor time that a process has used. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const servers = new Servers();
try {
  const url = await servers.victoriaMetrics();
  const [server] = servers.pids;
  await fill(url);
  console.error("filled");
  const [began, own, its] = [performance.now(), process.cpuUsage(), cpuOf(server)];
  const source = new HttpSource({ url, timeout: 20_000 });
  const history = new PrometheusHistory({ server: new PrometheusServer(source) });
  let readAt = 0;
  const told = {
    found: () => {},
    read: (share: number) => {
      readAt = share === 1 ? performance.now() - began : readAt;
    },
  };
  const recorded = recordedFromServer(history, { from: FROM, to: TO, step: STEP }, undefined, told);
  const assessments: Assessment[] = [];
  const settings = { startDelay: 300, violation: 0.01 };
  for await (const one of assessOnThreads(recorded, settings, threads)) assessments.push(one);
  source.close();
  const report = { version: 1, source: url, step: STEP, ...settings, workloads: inOrder(assessments) } as const;
  const size = reportPage(report).length;
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(own);
  const { worth } = totalsOf(assessments);
  const wave = assessments.filter(
    ({ workload, verdict }) => Number(workload.slice(1)) % 2 === 0 && verdict.worth === "worth it",
  );
  const text = [
    `${days} days of ${assessments.length} workloads × 4 dimensions, scraped every ${every} s into VictoriaMetrics on the same machine (${availableParallelism()} processors, shared with it), in ticks of ${STEP / 60} min, ${threads} threads, node ${process.versions.node}:`,
    "",
    "| | |",
    "| --- | --- |",
    `| from the question to the report, by the clock | ${seconds.toFixed(0)} s |`,
    `| load that the machine had meanwhile, mean of its last minute at the end | ${loadavg()[0].toFixed(1)} |`,
    `| all of the past read after | ${(readAt / 1000).toFixed(0)} s |`,
    `| processor time: reading and judging, the server's | ${((user + system) / 1e6).toFixed(0)} s, ${(cpuOf(server) - its).toFixed(0)} s |`,
    `| most memory resident | ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB |`,
    `| the report | ${(size / 2 ** 20).toFixed(1)} MiB |`,
    `| judged worth it: of those with a daily pattern, of those that are noise | ${wave.length} of ${Math.ceil(count / 2)}, ${worth - wave.length} of ${Math.floor(count / 2)} |`,
  ].join("\n");
  console.log(text);
  if (flags.out !== undefined) replaceSection(flags.out, "bench/history-report.ts", text);
} finally {
  await servers.close();
}
