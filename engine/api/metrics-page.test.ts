import assert from "node:assert/strict";
import { test } from "node:test";
import { EMPTY, FULL } from "./metrics-page.fixture.ts";
import { metricsPage } from "./metrics-page.ts";

function withLines(page: string, expected: readonly string[]): void {
  const lines = page.split("\n");
  for (const line of expected) assert.ok(lines.includes(line), `${line} is missing in\n${page}`);
}

test("figures are in Prometheus' text format, and what is unknown or not finite is left out", () => {
  const [web] = FULL.status.workloads;
  const series = { cpu: { ...web.series.cpu!, forecast: null, upper: Number.NaN } };
  const page = metricsPage({ ...FULL, status: { ...FULL.status, workloads: [{ ...web, series }] } });
  withLines(page, [
    "# TYPE foreshadow_replicas_ready gauge",
    'foreshadow_replicas_ready{workload="web"} 2',
    'foreshadow_demand{workload="web",series="cpu"} 1.5',
    'foreshadow_alert{workload="web",dimension="cpu"} 6.5',
    'foreshadow_quarantine{workload="web"} 1',
    'foreshadow_forecast_error_ratio{workload="web",series="cpu"} 0.04',
    'foreshadow_anomalies_total{workload="web"} 3',
    "foreshadow_recalibrations_total 2",
    'foreshadow_webhook_messages_total{result="failed"} 1',
  ]);
  assert.ok(!page.includes("NaN") && !page.includes("null") && !page.includes("memory"));
  assert.match(page, /\n$/);
});

test("how the engine itself does is told beside its workloads", () => {
  const page = metricsPage(FULL);
  withLines(page, [
    'foreshadow_tick_duration_seconds_bucket{le="0.1"} 2',
    'foreshadow_tick_duration_seconds_bucket{le="+Inf"} 3',
    "foreshadow_tick_duration_seconds_count 3",
    "foreshadow_event_loop_lag_seconds_count 21",
    "foreshadow_forecasts_total 12",
    'foreshadow_forecast_fallbacks_total{cause="deadline"} 2',
    'foreshadow_lead_time_seconds{workload="web",kind="out"} 42',
    'foreshadow_changesets{state="awaiting-approval"} 1',
    'foreshadow_changesets{state="applying"} 0',
    'foreshadow_store_bytes{part="usage"} 8192',
    'foreshadow_usage_vectors_lost_total{cause="refused"} 5',
    'foreshadow_trace_spans_total{result="delivered"} 12',
    "foreshadow_trace_spans_waiting 1",
  ]);
  assert.ok(!page.includes('state="done"'), "what is at its end is no queue");
});

test("before the first tick there is a page without figures of workloads", () => {
  const page = metricsPage(EMPTY);
  assert.ok(!page.includes("replicas_ready") && !page.includes("forecasts_total") && !page.includes("store_bytes"));
  withLines(page, ["foreshadow_ledger_entries 7", "foreshadow_tick_duration_seconds_count 0"]);
});
