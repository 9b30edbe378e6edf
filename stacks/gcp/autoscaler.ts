import * as gcp from "@pulumi/gcp";
import type * as pulumi from "@pulumi/pulumi";
import type { WorkloadCapacity } from "../capacity.ts";
import { floorSchedules } from "./floor-schedules.ts";

export interface AutoscalerArgs {
  readonly region: string;
  /** CPU utilisation in percent that is held. */
  readonly utilisation: number;
  readonly capacity: WorkloadCapacity;
  /** Its name in the project; one of Pulumi's making without it. */
  readonly name?: string;
}

/** The reactive autoscaler of a regional managed instance group, which holds the bounds and the capacity plan as scaling schedules. */
export function autoscaler(
  workload: string,
  target: pulumi.Input<string>,
  { region, utilisation, capacity, name }: AutoscalerArgs,
): gcp.compute.RegionAutoscaler {
  const { least, schedules } = floorSchedules(workload, capacity);
  return new gcp.compute.RegionAutoscaler(`${workload}-autoscaler`, {
    ...(name === undefined ? {} : { name }),
    region,
    target,
    autoscalingPolicy: {
      minReplicas: least,
      maxReplicas: capacity.ceiling,
      cpuUtilization: { target: utilisation / 100 },
      ...(schedules.length === 0 ? {} : { scalingSchedules: schedules }),
    },
  });
}
