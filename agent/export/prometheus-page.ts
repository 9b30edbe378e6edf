import type { Metric } from "../../model/dimension.ts";
import { ATTRIBUTE } from "../../model/otlp/names.ts";
import { labels, PrometheusFamily } from "../../model/prometheus-text.ts";
import type { Measures, UsageVector } from "../../model/vector.ts";
import type { ExportedProcess, ExportedWorkload } from "./exported-workload.ts";
import { cpuDemand } from "./otlp-encoder.ts";

type Labels = readonly (readonly [string, string | number])[];

/** How a workload's metric is named: rates become counters of what they are the rate of. */
const WORKLOAD_NAMES: Record<Metric, { name: string; counter: boolean; labels: Labels }> = {
  cpu: { name: "cpu_time_seconds_total", counter: true, labels: [] },
  memory: { name: "memory_bytes", counter: false, labels: [] },
  disk_read: { name: "disk_io_bytes_total", counter: true, labels: [[ATTRIBUTE.diskDirection, "read"]] },
  disk_write: { name: "disk_io_bytes_total", counter: true, labels: [[ATTRIBUTE.diskDirection, "write"]] },
  disk_read_operations: { name: "disk_operations_total", counter: true, labels: [[ATTRIBUTE.diskDirection, "read"]] },
  disk_write_operations: { name: "disk_operations_total", counter: true, labels: [[ATTRIBUTE.diskDirection, "write"]] },
  disk_used: { name: "disk_used_bytes", counter: false, labels: [] },
  network_receive: {
    name: "network_io_bytes_total",
    counter: true,
    labels: [[ATTRIBUTE.networkDirection, "receive"]],
  },
  network_transmit: {
    name: "network_io_bytes_total",
    counter: true,
    labels: [[ATTRIBUTE.networkDirection, "transmit"]],
  },
  requests: { name: "requests_total", counter: true, labels: [] },
  errors: { name: "errors_total", counter: true, labels: [] },
};

/** Figures about the agent itself. */
export interface AgentFigures {
  readonly partialReads: number;
  readonly delivered: number;
  readonly dropped: number;
  readonly waiting: number;
  readonly tickSeconds: number;
}

interface WorkloadState {
  exported: ExportedWorkload;
  readonly usage: Partial<Record<Metric, number>>;
  readonly demand: Partial<Record<Metric, number>>;
}

/** What `/metrics` shows. Counters of workloads are kept here, from the agent's start on. */
export class PrometheusPage {
  readonly #states = new Map<string, WorkloadState>();

  /** Takes the newest figures of a workload. */
  update(exported: ExportedWorkload): void {
    const { vector } = exported;
    const state = this.#states.get(vector.workload) ?? { exported, usage: {}, demand: {} };
    state.exported = exported;
    accumulate(state.usage, vector.usage, vector.interval);
    accumulate(state.demand, vector.demand, vector.interval);
    this.#states.set(vector.workload, state);
  }

  render(agent: AgentFigures): string {
    const families = new Families();
    for (const [workload, state] of this.#states) {
      const own: Labels = [[ATTRIBUTE.workload, workload]];
      for (const [kind, totals] of [
        ["usage", state.usage],
        ["demand", state.demand],
      ] as const)
        workloadFigures(families, kind, own, totals, state.exported.vector);
      families.add(
        "foreshadow_replicas",
        "gauge",
        "Main processes of the workload.",
        own,
        state.exported.vector.replicas,
      );
      for (const { metric, reason } of state.exported.vector.missing)
        families.add(
          "foreshadow_missing",
          "gauge",
          "Metrics that cannot be measured here.",
          [...own, [ATTRIBUTE.metric, metric], [ATTRIBUTE.reason, reason]],
          1,
        );
      noteFigures(families, own, state.exported.vector);
      for (const process of state.exported.processes) processFigures(families, own, process);
    }
    families.add("foreshadow_agent_partial_reads_total", "counter", "Reads that failed.", [], agent.partialReads);
    families.add("foreshadow_agent_vectors_sent_total", "counter", "Vectors delivered.", [], agent.delivered);
    families.add("foreshadow_agent_vectors_dropped_total", "counter", "Vectors never delivered.", [], agent.dropped);
    families.add("foreshadow_agent_vectors_waiting", "gauge", "Vectors to be delivered.", [], agent.waiting);
    families.add("foreshadow_agent_tick_seconds", "gauge", "Time of the last sample.", [], agent.tickSeconds);
    return families.toString();
  }
}

function accumulate(
  totals: Partial<Record<Metric, number>>,
  values: Partial<Record<Metric, number>>,
  interval: number,
): void {
  for (const metric of Object.keys(values) as Metric[]) {
    const value = values[metric]!;
    totals[metric] = WORKLOAD_NAMES[metric].counter ? (totals[metric] ?? 0) + value * interval : value;
  }
}

function workloadFigures(
  families: Families,
  kind: "usage" | "demand",
  own: Labels,
  totals: Partial<Record<Metric, number>>,
  present: Measures,
): void {
  for (const metric of Object.keys(totals) as Metric[]) {
    const { name, counter, labels: more } = WORKLOAD_NAMES[metric];
    // A gauge of what is not measured now would be an old figure; a counter just stands still.
    if (!counter && present[kind][metric] === undefined) continue;
    const help = `Workload ${kind}${counter ? ", since the agent's start" : ""}.`;
    families.add(`foreshadow_${kind}_${name}`, counter ? "counter" : "gauge", help, [...own, ...more], totals[metric]!);
  }
}

function processFigures(families: Families, own: Labels, { measures, counters }: ExportedProcess): void {
  const who: Labels = [
    ...own,
    [ATTRIBUTE.pid, measures.identity.pid],
    [ATTRIBUTE.startTime, measures.identity.startTime],
    [ATTRIBUTE.executable, measures.executable],
  ];
  const add = (name: string, type: "counter" | "gauge", help: string, more: Labels, value: number) => {
    if (!Number.isNaN(value)) families.add(name, type, help, [...who, ...more], value);
  };
  add("process_memory_usage_bytes", "gauge", "Resident memory.", [], measures.usage.memory ?? Number.NaN);
  if (counters === undefined) return;
  const time = "process_cpu_time_seconds_total";
  add(time, "counter", "CPU time.", [[ATTRIBUTE.cpuMode, "user"]], counters.user);
  add(time, "counter", "CPU time.", [[ATTRIBUTE.cpuMode, "system"]], counters.system);
  const demand = "foreshadow_process_cpu_demand_seconds_total";
  add(demand, "counter", "CPU time and time waited for a CPU.", [], cpuDemand(counters));
  const disk = "process_disk_io_bytes_total";
  add(disk, "counter", "Bytes read and written.", [[ATTRIBUTE.diskDirection, "read"]], counters.read);
  add(disk, "counter", "Bytes read and written.", [[ATTRIBUTE.diskDirection, "write"]], counters.written);
}

/** Samples of one metric have to stand together on the page. */
class Families {
  readonly #families = new Map<string, PrometheusFamily>();

  add(name: string, type: "counter" | "gauge", help: string, attributes: Labels, value: number): void {
    let family = this.#families.get(name);
    if (family === undefined) {
      family = new PrometheusFamily(name, type, help);
      this.#families.set(name, family);
    }
    family.add(labels(attributes), value);
  }

  toString(): string {
    return [...this.#families.values()].join("");
  }
}

/** What a vector tells beside its measures. */
function noteFigures(families: Families, own: Labels, { heldBack = {}, warming, degraded = [] }: UsageVector): void {
  for (const [name, value] of Object.entries(heldBack))
    families.add("foreshadow_held_back", "gauge", "What held the workload back.", [...own, ["name", name]], value);
  const replicas = warming?.replicas ?? 0;
  families.add("foreshadow_warming_replicas", "gauge", "Replicas in warm-up.", own, replicas);
  for (const { part, reason } of degraded)
    families.add(
      "foreshadow_degraded",
      "gauge",
      "What is measured less well than it could be.",
      [...own, [ATTRIBUTE.part, part], [ATTRIBUTE.reason, reason]],
      1,
    );
}
