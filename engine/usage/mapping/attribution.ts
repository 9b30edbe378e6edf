import { matchesName } from "../../../model/bound-resources.ts";
import type { Family, Figure } from "./families.ts";
import { FAMILIES, FAMILIES_BY_NAME } from "./families.ts";
import { type Labels, prometheusName } from "./sample.ts";

/** A named signal of a workload that stands in series of some name. */
export interface SignalSeries {
  readonly name: string;
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A workload and the series that are its own. */
export interface AttributedWorkload {
  readonly name: string;
  /** Labels that its series have, `*` for any text. Without them its series name it. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly signals: readonly SignalSeries[];
}

/** What one series tells. */
export interface Told {
  readonly workload: string;
  readonly host: string;
  readonly figure: Figure | { readonly signal: string };
  readonly family: Pick<Family, "kind" | "rank" | "scale" | "demand" | "outOf">;
}

/** A counter, by the names that Prometheus gives them. */
const COUNTER = /_(total|count|sum)$/;
/** Labels that name the part of a machine that a series is of, and those that name the machine. */
const PARTS = ["k8s_pod_name", "pod", "pod_name", "container_name", "name", "container_id"];
const MACHINES = ["host_name", "node", "k8s_node_name", "instance", "service_instance_id"];
/** Labels that name the workload itself. */
const NAMED = ["foreshadow_workload", "service_name"];

/** Says of whom and of what a series is. The first workload in the file whose labels fit has it. */
export class Attribution {
  readonly #workloads: readonly AttributedWorkload[];
  /** Names of all metrics that mean something here. */
  readonly names: ReadonlySet<string>;

  constructor(workloads: readonly AttributedWorkload[]) {
    this.#workloads = workloads;
    const signals = workloads.flatMap((workload) => workload.signals.map(({ metric }) => prometheusName(metric)));
    this.names = new Set([...FAMILIES_BY_NAME.keys(), ...signals]);
  }

  /** What the series tells; mostly one thing, none where it is nobody's or says nothing of use. */
  of(name: string, labels: Labels): Told[] {
    if (!this.names.has(name)) return [];
    const told: Told[] = [];
    for (const family of FAMILIES_BY_NAME.get(name) ?? []) {
      if (!counts(family, labels)) continue;
      const workload = this.workloadOf(labels);
      if (workload === undefined) return [];
      const part =
        name === family.outOf
          ? { ...family, scale: 1 }
          : family.outOf === undefined
            ? family
            : { ...family, scale: -1 };
      told.push({ workload, host: hostOf(labels), figure: family.figure, family: part });
    }
    for (const { name: workload, labels: wanted, signals } of this.#workloads)
      for (const signal of signals) {
        if (prometheusName(signal.metric) !== name || !fits({ ...wanted, ...signal.labels }, labels)) continue;
        const kind = kindOfName(name);
        const figure = signal.name === "requests" || signal.name === "errors" ? signal.name : { signal: signal.name };
        told.push({ workload, host: hostOf(labels), figure, family: { kind, rank: 0 } });
      }
    return told;
  }

  /** Whose a series with these labels is. */
  workloadOf(labels: Labels): string | undefined {
    const named = labels.get("foreshadow_workload");
    const service = labels.get("service_name");
    return this.#workloads.find(({ name, labels: wanted }) =>
      named !== undefined ? named === name : wanted === undefined ? service === name : fits(wanted, labels),
    )?.name;
  }
}

/** Whether the values of a metric count up. What no family tells of is known by its name alone. */
export function kindOfName(name: string): Family["kind"] {
  return FAMILIES_BY_NAME.get(name)?.[0].kind ?? (COUNTER.test(name) ? "counter" : "gauge");
}

/**
 * The labels that anything is told by: series that agree in them tell the same of the same host of the same workload, and may be added up
 * before they are read.
 */
export function tellingLabels(workloads: readonly AttributedWorkload[]): string[] {
  const conditions = FAMILIES.flatMap(({ only = {}, not = {} }) => Object.keys({ ...only, ...not }));
  const wanted = workloads.flatMap(({ labels = {}, signals }) =>
    [labels, ...signals.map((signal) => signal.labels)].flatMap((one) => Object.keys(one).map(prometheusName)),
  );
  return [...new Set([...NAMED, ...PARTS, ...MACHINES, ...wanted, ...conditions.flatMap((one) => one.split("|"))])];
}

function fits(wanted: Readonly<Record<string, string>>, labels: Labels): boolean {
  return Object.entries(wanted).every(([name, pattern]) =>
    matchesName([pattern], labels.get(prometheusName(name)) ?? ""),
  );
}

/** Whether a series of one of the family's names is one that counts. */
export function counts({ only = {}, not = {} }: Pick<Family, "only" | "not">, labels: Labels): boolean {
  return (
    Object.entries(only).every(([label, values]) => matchesName(values, firstOf(label, labels))) &&
    Object.entries(not).every(([label, values]) => !matchesName(values, firstOf(label, labels)))
  );
}

/** Of the first label that is there, of those that may be (`a|b`). */
export function firstOf(label: string, labels: Labels): string {
  for (const name of label.split("|")) {
    const value = labels.get(name);
    if (value !== undefined && value !== "") return value;
  }
  return "";
}

/** What stands for a host: the pod, a container of a machine, or the machine. */
export function hostOf(labels: Labels): string {
  const [part, machine] = [PARTS, MACHINES].map((names) => firstOf(names.join("|"), labels));
  if (part === "") return machine === "" ? "unknown" : machine;
  const pod = firstOf(PARTS.slice(0, 3).join("|"), labels) !== "";
  return pod || machine === "" ? part : `${machine}/${part}`;
}
