import type { Capacity } from "../../model/capacity.ts";
import type { Constraints } from "../../model/constraints.ts";
import { DIMENSION_OF, SERIES, type SeriesName } from "../../model/dimension.ts";

/** What one unit (a replica, or the workload where a dimension scales up) can carry of each series; absent where the file does not say. */
export function unitCapacity({ perReplica, storage, network }: Capacity): Partial<Record<SeriesName, number>> {
  return {
    cpu: perReplica.cpu,
    memory: perReplica.memory,
    disk: storage.throughput,
    storage: storage.size,
    network: network.bandwidth,
    requests: perReplica.requests,
  };
}

/** The series that can drive a workload's capacity: those with a capacity figure in a dimension that scales. */
export function governedSeries(capacity: Capacity, constraints: Constraints): SeriesName[] {
  const units = unitCapacity(capacity);
  return SERIES.filter((series) => units[series] !== undefined && constraints.scales[DIMENSION_OF[series]] !== "none");
}
