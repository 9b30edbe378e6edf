import type { Capacity } from "../../../model/capacity.ts";
import type { Changeset } from "../../../model/changeset.ts";
import { formatBytes, formatRate } from "../../../model/units.ts";

/** A change in one line, as a commit's subject: `web: replicas 2 → 4, memory 1GiB → 2GiB`. */
export function summarise({ workload, before, after, reverses, repairs }: Changeset): string {
  const [was, is] = [figures(before), figures(after)];
  const parts = [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .filter((key) => was[key] !== is[key])
    .map((key) => (key === "plan" ? "plan" : `${key} ${was[key] ?? "none"} → ${is[key] ?? "none"}`));
  const verb = reverses !== undefined ? "take back " : repairs !== undefined ? "complete " : "";
  return `${workload}: ${verb}${parts.length > 0 ? parts.join(", ") : "capacity"}`;
}

function figures({ replicas, plan, perReplica, storage, network }: Capacity): Record<string, string | undefined> {
  const optional = (value: number | undefined, format: (value: number) => string) =>
    value === undefined ? undefined : format(value);
  return {
    ...("count" in replicas
      ? { replicas: String(replicas.count) }
      : { floor: String(replicas.floor), ceiling: String(replicas.ceiling) }),
    plan: JSON.stringify(plan),
    cpu: optional(perReplica.cpu, String),
    memory: optional(perReplica.memory, formatBytes),
    instance: perReplica.instance,
    storage: optional(storage.size, formatBytes),
    iops: optional(storage.iops, String),
    throughput: optional(storage.throughput, formatRate),
    bandwidth: optional(network.bandwidth, formatRate),
  };
}
