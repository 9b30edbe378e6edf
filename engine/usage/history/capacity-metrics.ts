import type { Labels } from "../mapping/sample.ts";
import type { ToldCapacity } from "./usage-history.port.ts";

interface CapacityMetric extends Pick<ToldCapacity, "figure" | "of"> {
  /** What one host has, added up by these labels. */
  readonly expression: (by: readonly string[]) => string;
}

const summed = (expression: string) => (by: readonly string[]) =>
  `sum by (${[...new Set([...by, ...OTHERS.keys()])].join(",")}) (${expression})`;

/** Labels of what an exporter tells of others, where the scraper gave the plain ones to the exporter itself. */
const OTHERS = new Map([
  ["exported_namespace", "namespace"],
  ["exported_pod", "pod"],
  ["exported_container", "container"],
]);

/** Greater than any limit: how cAdvisor says that there is none. */
const UNLIMITED = 2 ** 60;
const CONTAINER = 'container!="",container!="POD"';

/**
 * Who records what a replica has: kube-state-metrics (version 2 and before), cAdvisor, node_exporter. Of two that tell the same the first is
 * taken.
 */
export const CAPACITIES: readonly CapacityMetric[] = [
  { figure: "cpu", of: "limit", expression: summed('kube_pod_container_resource_limits{resource="cpu"}') },
  { figure: "cpu", of: "limit", expression: summed("kube_pod_container_resource_limits_cpu_cores") },
  {
    figure: "cpu",
    of: "limit",
    expression: summed(`(container_spec_cpu_quota{${CONTAINER}} > 0) / container_spec_cpu_period{${CONTAINER}}`),
  },
  {
    figure: "cpu",
    of: "limit",
    expression: summed('(container_spec_cpu_quota{container="",name!=""} > 0) / container_spec_cpu_period'),
  },
  { figure: "cpu", of: "request", expression: summed('kube_pod_container_resource_requests{resource="cpu"}') },
  { figure: "cpu", of: "request", expression: summed("kube_pod_container_resource_requests_cpu_cores") },
  {
    figure: "cpu",
    of: "machine",
    expression: (by) =>
      `count by (${by.filter((label) => label !== "mode").join(",")}) (node_cpu_seconds_total{mode="idle"})`,
  },
  { figure: "memory", of: "limit", expression: summed('kube_pod_container_resource_limits{resource="memory"}') },
  { figure: "memory", of: "limit", expression: summed("kube_pod_container_resource_limits_memory_bytes") },
  {
    figure: "memory",
    of: "limit",
    expression: summed(`container_spec_memory_limit_bytes{${CONTAINER}} < ${UNLIMITED}`),
  },
  {
    figure: "memory",
    of: "limit",
    expression: summed(`container_spec_memory_limit_bytes{container="",name!=""} < ${UNLIMITED}`),
  },
  { figure: "memory", of: "request", expression: summed('kube_pod_container_resource_requests{resource="memory"}') },
  { figure: "memory", of: "request", expression: summed("kube_pod_container_resource_requests_memory_bytes") },
  { figure: "memory", of: "machine", expression: summed("node_memory_MemTotal_bytes") },
];

/** The labels as those of what is told of, not of who tells it. */
export function aboutOthers(labels: Labels): Labels {
  const own = new Map(labels);
  for (const [exported, plain] of OTHERS) {
    const value = own.get(exported);
    if (value) own.set(plain, value);
    own.delete(exported);
  }
  return own;
}
