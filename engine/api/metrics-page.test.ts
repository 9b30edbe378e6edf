import assert from "node:assert/strict";
import { test } from "node:test";
import type { StatusView } from "./engine-control.port.ts";
import { metricsPage } from "./metrics-page.ts";

const STATUS: StatusView = {
  engine: { pid: 1, version: "t", startedAt: 0, lastTick: 60, running: true },
  ledger: { sequence: 7, hash: "" },
  workloads: [
    {
      name: "web",
      mode: "auto",
      at: 60,
      asked: 3,
      ready: 2,
      reporting: 2,
      need: 2,
      target: 3,
      reasons: [],
      series: {
        cpu: {
          usage: 1,
          demand: 1.5,
          forecast: null,
          upper: Number.NaN,
          capacity: 2,
          model: null,
          trusted: true,
          evidence: "",
        },
      },
    },
  ],
  alerts: [],
};

test("figures are in Prometheus' text format, and what is unknown or not finite is left out", () => {
  const page = metricsPage({
    status: STATUS,
    alerts: [
      { id: "a", workload: "web", subject: "cpu", openedAt: 1, updatedAt: 1, multiple: 6.5, movers: [], text: "" },
      {
        id: "b",
        workload: "web",
        subject: "memory",
        openedAt: 1,
        updatedAt: 2,
        resolvedAt: 2,
        multiple: 9,
        movers: [],
        text: "",
      },
    ],
    anomalies: [{ workload: "web", detected: 3 }],
    recalibrations: 2,
    quarantined: ["web"],
    errors: [{ workload: "web", series: "cpu", error: 0.04 }],
    webhook: { delivered: 3, failed: 1, dropped: 0, waiting: 2 },
  });
  for (const line of [
    "# TYPE foreshadow_replicas_ready gauge",
    'foreshadow_replicas_ready{workload="web"} 2',
    'foreshadow_demand{workload="web",series="cpu"} 1.5',
    'foreshadow_alert{workload="web",dimension="cpu"} 6.5',
    'foreshadow_quarantine{workload="web"} 1',
    'foreshadow_forecast_error_ratio{workload="web",series="cpu"} 0.04',
    'foreshadow_anomalies_total{workload="web"} 3',
    "foreshadow_recalibrations_total 2",
    'foreshadow_webhook_messages_total{result="failed"} 1',
  ])
    assert.ok(page.split("\n").includes(line), `${line} is missing in\n${page}`);
  assert.ok(!page.includes("NaN") && !page.includes("null") && !page.includes("memory"));
  assert.match(page, /\n$/);
});

test("before the first tick there is a page without figures of workloads", () => {
  const workloads = STATUS.workloads.map((workload) => ({ ...workload, at: null, series: {} }));
  const page = metricsPage({
    status: { ...STATUS, workloads },
    alerts: [],
    anomalies: [],
    recalibrations: 0,
    quarantined: [],
    errors: [],
  });
  assert.ok(!page.includes("replicas_ready"));
  assert.ok(page.includes("foreshadow_ledger_entries 7"));
});
