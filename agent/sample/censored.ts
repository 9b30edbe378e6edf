import { isAtLimit } from "../../model/demand.ts";
import type { Metric } from "../../model/dimension.ts";
import type { KnownLimits } from "../options.ts";
import type { CgroupLimits } from "./cgroup-sampler.ts";

/**
 * Metrics whose demand is not known since a limit held usage back: memory, disk and network at a limit that the cgroup or the
 * options name. CPU is among them only where the kernel does not tell how long its threads waited.
 *
 * @param waitKnown whether the CPU's wait was measured
 */
export function censoredMetrics(
  usage: Partial<Record<Metric, number>>,
  limits: CgroupLimits | undefined,
  known: KnownLimits | undefined,
  waitKnown: boolean,
): Metric[] {
  const none = Number.POSITIVE_INFINITY;
  const at: Partial<Record<Metric, number>> = {
    cpu: waitKnown ? none : 0,
    memory: limits?.childAtMemoryLimit ? 0 : limits?.memory,
    disk_read: Math.min(limits?.disk?.read ?? none, known?.disk ?? none),
    disk_write: Math.min(limits?.disk?.write ?? none, known?.disk ?? none),
    disk_read_operations: limits?.disk?.reads,
    disk_write_operations: limits?.disk?.writes,
    network_receive: known?.network,
    network_transmit: known?.network,
  };
  return (Object.keys(at) as Metric[]).filter((metric) => isAtLimit(usage[metric] ?? Number.NaN, at[metric] ?? none));
}
