import { type Capacity, parseCapacity } from "./capacity.ts";

/**
 * A capacity file as variables of Terraform: one variable, `capacity`, a map by workload of what the file says, in cores, bytes and bytes per second
 * under the file's own names. The same file always gives the same text, whatever its order and comments.
 *
 * @param text of the capacity file
 * @throws InputError when it is none
 */
export function terraformVariables(text: string, file: string): string {
  const workloads = [...parseCapacity(text, file)].sort(([a], [b]) => (a < b ? -1 : 1));
  const capacity = Object.fromEntries(workloads.map(([name, one]) => [name, variablesOf(one)]));
  return `${JSON.stringify({ capacity }, null, 2)}\n`;
}

/** Keys in one order, and what is not given left away. */
function variablesOf({ owns, replicas, plan, perReplica, storage, network }: Capacity) {
  const { cpu, memory, instance, requests } = perReplica;
  const bounds = "count" in replicas ? [replicas.count, replicas.count] : [replicas.floor, replicas.ceiling];
  return {
    owns,
    replicas: { floor: bounds[0], ceiling: bounds[1] },
    // With seconds, which RFC 3339 and so Terraform wants.
    plan: plan.map(({ at, floor }) => ({ at: `${new Date(at * 1000).toISOString().slice(0, 19)}Z`, floor })),
    perReplica: { cpu, memory, instance, requests },
    storage: { size: storage.size, iops: storage.iops, throughput: storage.throughput },
    network: { bandwidth: network.bandwidth },
  };
}
