import { CHANGESET_STATES, type ChangesetState } from "../../model/changeset.ts";
import type { HistogramFigures } from "../../model/histogram.ts";
import { PrometheusFamily } from "../../model/prometheus-text.ts";
import type { SinkFigures } from "../feedback/alert-sink.port.ts";
import type { ForecastFigures } from "../forecast/forecast-host.port.ts";
import { isFinal } from "../orchestrator/change/transitions.ts";
import { family } from "./metrics-family.ts";

/** What `/metrics` shows of how the engine itself does. */
export interface EngineFigures {
  /** Seconds that ticks took. */
  readonly tickSeconds: HistogramFigures;
  readonly forecasts?: ForecastFigures;
  /** 95th percentiles that were measured, seconds. */
  readonly leadTimes: readonly { readonly workload: string; readonly kind: string; readonly p95: number }[];
  /** How many changesets are in each state of which there is one. */
  readonly changesets: ReadonlyMap<ChangesetState, number>;
  readonly process?: {
    readonly lag: HistogramFigures;
    readonly store: Readonly<Record<string, number>>;
    readonly usage: { readonly dropped: number; readonly refused: number };
    readonly spans?: SinkFigures;
  };
}

/** Those states in which something is still to happen: the queue of changes. */
const OPEN = CHANGESET_STATES.filter((state) => !isFinal(state));

/** How the engine itself does, in Prometheus' text format. */
export function engineMetrics({ tickSeconds, forecasts, leadTimes, changesets, process }: EngineFigures): string {
  const pages = [
    histogram("tick_duration_seconds", "How long ticks took, all workloads.", tickSeconds),
    family(
      "changesets",
      "gauge",
      "Changesets that are not at their end, by state.",
      OPEN.map((state) => [[["state", state]], changesets.get(state) ?? 0]),
    ),
    family(
      "lead_time_seconds",
      "gauge",
      "95th percentile of the last measured times from decision to ready capacity.",
      leadTimes.map(({ workload, kind, p95 }) => [
        [
          ["workload", workload],
          ["kind", kind],
        ],
        p95,
      ]),
    ),
  ];
  if (forecasts !== undefined)
    pages.push(
      family("forecasts_total", "counter", "Forecasts made, of a series each.", [[[], forecasts.forecasts]]),
      family(
        "forecast_fallbacks_total",
        "counter",
        "Forecasts that a cheaper model made: the better one gave none by the deadline, was behind, still learnt, or its thread had ended.",
        Object.entries(forecasts.fallbacks).map(([cause, n]) => [[["cause", cause]], n]),
      ),
    );
  if (process !== undefined) {
    const { lag, store, usage } = process;
    pages.push(
      histogram("event_loop_lag_seconds", "How late timers of the engine's main thread come.", lag),
      family(
        "store_bytes",
        "gauge",
        "Size of the store's files.",
        Object.entries(store).map(([part, bytes]) => [[["part", part]], bytes]),
      ),
      family(
        "usage_vectors_lost_total",
        "counter",
        "Usage vectors that were not kept: dropped since they could not be written, or refused for their times.",
        Object.entries(usage).map(([cause, n]) => [[["cause", cause]], n]),
      ),
    );
  }
  if (process?.spans !== undefined) pages.push(...messages("trace_spans", "Spans of traces", process.spans));
  return pages.join("");
}

/** What became of what is sent elsewhere. @param what is sent, as a help text begins */
export function messages(name: string, what: string, { delivered, failed, dropped, waiting }: SinkFigures): string[] {
  const results = Object.entries({ delivered, failed, dropped }).map(
    ([result, n]) => [[["result", result]], n] as const,
  );
  return [
    family(`${name}_total`, "counter", `${what} by result.`, results),
    family(`${name}_waiting`, "gauge", `${what} that wait.`, [[[], waiting]]),
  ];
}

function histogram(name: string, help: string, figures: HistogramFigures): string {
  const page = new PrometheusFamily(`foreshadow_${name}`, "histogram", help);
  page.addHistogram("", figures);
  return page.toString();
}
