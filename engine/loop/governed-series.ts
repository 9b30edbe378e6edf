import type { Capacity } from "../../model/capacity.ts";
import type { Constraints } from "../../model/constraints.ts";
import { SERIES, type SeriesName } from "../../model/dimension.ts";
import type { InstanceType } from "../orchestrator/decide.port.ts";
import { capacityFigure, servings } from "../orchestrator/need.ts";

type Types = Readonly<Record<string, InstanceType>>;

/** What one unit (a replica, or the workload where a dimension scales up) can carry of each series; absent where neither file nor type says. */
export function unitCapacity(capacity: Capacity, types?: Types): Partial<Record<SeriesName, number>> {
  return Object.fromEntries(SERIES.map((series) => [series, capacityFigure(series, capacity, types)]));
}

/** The series that can drive a workload's capacity: those with a capacity figure in a dimension that scales. */
export function governedSeries(capacity: Capacity, constraints: Constraints, types?: Types): SeriesName[] {
  return servings(capacity, constraints, types).map(({ series }) => series);
}
