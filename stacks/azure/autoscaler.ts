import { AutoscaleSetting } from "@pulumi/azure-native/monitor/autoscaleSetting.js";
import type * as pulumi from "@pulumi/pulumi";
import type { WorkloadCapacity } from "../capacity.ts";
import { autoscaleProfiles } from "./autoscale-profiles.ts";
import type { Place } from "./network.ts";

/** Scaling in begins below this share of what is held: far enough from it that the smaller group is not too small at once. */
const SCALE_IN_BELOW = 0.7;
/** Half-way from what is held to everything, half of the group is added at once. */
const STEEP = { share: 50, beyond: 0.5 };

export interface AutoscalerArgs {
  /** CPU utilisation in percent that is held. */
  readonly utilisation: number;
  readonly capacity: WorkloadCapacity;
  /** Its name in the resource group; one of Pulumi's making without it. */
  readonly name?: string;
}

/**
 * A scale set's own reactive autoscaler on CPU, and the capacity plan with it.
 *
 * @param group identifier of the scale set
 */
export function autoscaler(
  workload: string,
  place: Place,
  group: pulumi.Input<string>,
  { utilisation, capacity, name }: AutoscalerArgs,
): AutoscaleSetting {
  const rule = (
    operator: "GreaterThan" | "LessThan",
    threshold: number,
    direction: "Increase" | "Decrease",
    type: "ChangeCount" | "PercentChangeCount",
    value: number,
  ) => ({
    metricTrigger: {
      metricName: "Percentage CPU",
      metricResourceUri: group,
      operator,
      threshold: Math.round(threshold),
      statistic: "Average" as const,
      timeAggregation: "Average" as const,
      timeGrain: "PT1M",
      timeWindow: "PT5M",
    },
    scaleAction: { direction, type, value: String(value), cooldown: "PT5M" },
  });
  const steep = utilisation + (100 - utilisation) * STEEP.beyond;
  return new AutoscaleSetting(`${workload}-autoscaler`, {
    ...place,
    ...(name === undefined ? {} : { autoscaleSettingName: name }),
    enabled: true,
    targetResourceUri: group,
    profiles: autoscaleProfiles(workload, capacity, capacity.file, [
      rule("GreaterThan", utilisation, "Increase", "ChangeCount", 1),
      rule("GreaterThan", steep, "Increase", "PercentChangeCount", STEEP.share),
      rule("LessThan", utilisation * SCALE_IN_BELOW, "Decrease", "ChangeCount", 1),
    ]),
  });
}
