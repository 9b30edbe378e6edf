import { AutoscaleSetting } from "@pulumi/azure-native/monitor/autoscaleSetting.js";
import type * as pulumi from "@pulumi/pulumi";
import type { WorkloadCapacity } from "../capacity.ts";
import { autoscaleProfiles } from "./autoscale-profiles.ts";
import type { Place } from "./network.ts";

/** Scaling in begins below this share of what is held: far enough from it that the smaller group is not too small at once. */
const SCALE_IN_BELOW = 0.7;
/** Half-way from what is held to everything, half of the group is added at once. */
const STEEP = { share: 50, beyond: 0.5 };

/**
 * A scale set's own reactive autoscaler on CPU, and the capacity plan with it.
 *
 * @param utilisation percent that the autoscaler holds
 */
export function autoscaler(
  workload: string,
  place: Place,
  group: pulumi.Output<string>,
  utilisation: number,
  capacity: WorkloadCapacity,
): void {
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
  new AutoscaleSetting(`${workload}-autoscaler`, {
    ...place,
    enabled: true,
    targetResourceUri: group,
    profiles: autoscaleProfiles(workload, capacity, capacity.file, [
      rule("GreaterThan", utilisation, "Increase", "ChangeCount", 1),
      rule("GreaterThan", steep, "Increase", "PercentChangeCount", STEEP.share),
      rule("LessThan", utilisation * SCALE_IN_BELOW, "Decrease", "ChangeCount", 1),
    ]),
  });
}
