import type { SeriesName } from "../../model/dimension.ts";
import type { Alert } from "../feedback/alert.ts";
import type { SinkFigures } from "../feedback/alert-sink.port.ts";
import type { StatusView } from "./engine-control.port.ts";
import { type EngineFigures, engineMetrics, messages } from "./engine-metrics.ts";
import { family, type Samples } from "./metrics-family.ts";

/** What `/metrics` shows of an engine and its workloads. */
export interface PageFigures extends EngineFigures {
  readonly status: StatusView;
  readonly alerts: readonly Alert[];
  /** Anomalies that were detected so far, those that did not last and were not told among them. */
  readonly anomalies: readonly { readonly workload: string; readonly detected: number }[];
  readonly recalibrations: number;
  /** Workloads that are in quarantine now. */
  readonly quarantined: readonly string[];
  /** Usual error of the forecasts of each series, a share of demand. */
  readonly errors: readonly { readonly workload: string; readonly series: SeriesName; readonly error: number }[];
  readonly webhook?: SinkFigures;
}

/** The engine's figures in Prometheus' text format. What is not known or not finite is left out, never shown as another number. */
export function metricsPage(figures: PageFigures): string {
  const { status, alerts, anomalies, recalibrations, quarantined, errors, webhook } = figures;
  const { workloads, engine, ledger } = status;
  const each = (value: (workload: StatusView["workloads"][number]) => number | null): Samples =>
    workloads.map((workload) => [[["workload", workload.name]], workload.at === null ? null : value(workload)]);
  const series = (
    value: (view: StatusView["workloads"][number]["series"][SeriesName] & object) => number | null,
  ): Samples =>
    workloads.flatMap(({ name, series: all }) =>
      Object.entries(all).map(
        ([one, view]) =>
          [
            [
              ["workload", name],
              ["series", one],
            ],
            value(view),
          ] as const,
      ),
    );
  const open = alerts.filter(({ resolvedAt }) => resolvedAt === undefined);
  const pages = [
    family("engine_last_tick_seconds", "gauge", "End of the last tick, epoch seconds.", [[[], engine.lastTick]]),
    family("ledger_entries", "gauge", "Entries in the ledger.", [[[], ledger.sequence]]),
    family(
      "replicas_asked",
      "gauge",
      "Replicas asked for.",
      each(({ asked }) => asked),
    ),
    family(
      "replicas_ready",
      "gauge",
      "Replicas that serve.",
      each(({ ready }) => ready),
    ),
    family(
      "replicas_needed",
      "gauge",
      "Replicas that present demand needs.",
      each(({ need }) => need),
    ),
    family(
      "replicas_target",
      "gauge",
      "Replicas that were decided.",
      each(({ target }) => target),
    ),
    family(
      "demand",
      "gauge",
      "Demand of the last tick, in the unit of the series.",
      series(({ demand }) => demand),
    ),
    family(
      "forecast",
      "gauge",
      "Middle forecast at the lead time.",
      series(({ forecast }) => forecast),
    ),
    family(
      "forecast_upper",
      "gauge",
      "Deciding quantile at the lead time.",
      series(({ upper }) => upper),
    ),
    family(
      "forecast_trusted",
      "gauge",
      "1 where forecasts may act.",
      series(({ trusted }) => Number(trusted)),
    ),
    family(
      "forecast_error_ratio",
      "gauge",
      "Usual error of forecasts, a share of demand.",
      errors.map(({ workload, series: one, error }) => [
        [
          ["workload", workload],
          ["series", one],
        ],
        error,
      ]),
    ),
    family(
      "alert",
      "gauge",
      "Open alerts: how far outside, in multiples of the forecast's usual error; 0 for an incident.",
      open.map(({ workload, subject, multiple }) => [
        [
          ["workload", workload],
          ["dimension", subject],
        ],
        multiple,
      ]),
    ),
    family(
      "anomalies_total",
      "counter",
      "Anomalies detected, those that did not last and were not told among them.",
      anomalies.map(({ workload, detected }) => [[["workload", workload]], detected]),
    ),
    family(
      "quarantine",
      "gauge",
      "1 while nothing is learnt or released.",
      quarantined.map((name) => [[["workload", name]], 1]),
    ),
    family("recalibrations_total", "counter", "Forecasters made anew.", [[[], recalibrations]]),
    engineMetrics(figures),
  ];
  if (webhook !== undefined) pages.push(...messages("webhook_messages", "Messages of alerts", webhook));
  return pages.join("");
}
