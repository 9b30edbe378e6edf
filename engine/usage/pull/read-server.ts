import type { Metric } from "../../../model/dimension.ts";
import type { UsageVector } from "../../../model/vector.ts";
import type { VectorAssembler } from "../mapping/assembler.ts";
import { isPossible, isPossibleSignal } from "../possible.ts";
import type { UsageSink } from "../usage-sink.port.ts";
import { type PrometheusServer, samplesOf, selector } from "./prometheus-server.ts";
import type { Pull } from "./pull.port.ts";

/** Seconds of the past that are asked for at least: servers have what they scraped a little later. */
const LEAST_WINDOW = 120;

export interface ServerWorkload {
  readonly name: string;
  /** Labels that its series have. */
  readonly labels: Readonly<Record<string, string>>;
  /** Expressions of its named signals. */
  readonly signals: readonly { readonly name: string; readonly promql: string }[];
}

export interface ReadServerOptions {
  readonly url: string;
  readonly every: number;
  readonly server: PrometheusServer;
  readonly workloads: readonly ServerWorkload[];
  readonly names: ReadonlySet<string>;
  readonly assembler: VectorAssembler;
  readonly sink: UsageSink;
  readonly close: () => void;
}

/** Reads what a server has lately scraped of each workload, as it was scraped, and its signals. */
export function readServer(options: ReadServerOptions): Pull {
  const { url, every, server, workloads, names, assembler, sink, close } = options;
  const window = Math.ceil(Math.max(LEAST_WINDOW, 3 * every));
  return {
    name: url,
    every,
    look: async (now) => {
      for (const { name, labels, signals } of workloads) {
        const raw = await server.query(`${selector(names, labels)}[${window}s]`, now);
        assembler.take(inOrder(raw), url, now);
        const told: Record<string, number> = {};
        for (const { name: signal, promql } of signals) {
          const value = total(await server.query(promql, now));
          if (value !== undefined) told[signal] = value;
        }
        const vector = signalVector(name, now, every, told);
        if (vector !== undefined) sink.accept([vector]);
      }
    },
    close,
  };
}

/** All series side by side in time, as if they had come when they were scraped. */
function inOrder(series: Awaited<ReturnType<PrometheusServer["query"]>>) {
  return [...samplesOf(series)].sort((a, b) => a.at - b.at);
}

function total(series: Awaited<ReturnType<PrometheusServer["query"]>>): number | undefined {
  const values = series.flatMap(({ values: all }) => all.slice(-1).map(([, value]) => value));
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
}

/** Requests and errors are metrics of their own; the rest is told as it is. What cannot be is left out. */
function signalVector(
  workload: string,
  at: number,
  interval: number,
  told: Readonly<Record<string, number>>,
): UsageVector | undefined {
  const usage: Partial<Record<Metric, number>> = {};
  const signals: Record<string, number> = {};
  for (const [name, value] of Object.entries(told))
    if (name === "requests" || name === "errors") {
      if (isPossible(name, value)) usage[name] = value;
    } else if (isPossibleSignal(value)) signals[name] = value;
  if (Object.keys(usage).length + Object.keys(signals).length === 0) return undefined;
  const measures = { usage, demand: usage, signals, censored: [], missing: [], processes: [] };
  return { workload, host: "promql", at, interval, replicas: 0, ...measures };
}
