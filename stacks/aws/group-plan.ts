import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { WorkloadCapacity } from "../capacity.ts";
import { stepName } from "../step-name.ts";

/**
 * The steps of a plan as scheduled actions of an Auto Scaling group: AWS carries them out with everything else down. A size of -1 stays as it
 * is: the count is the group's own autoscaler's unless the file owns it.
 */
export function groupPlan(
  workload: string,
  group: pulumi.Input<string>,
  { owns, ahead, ceiling }: Pick<WorkloadCapacity, "owns" | "ahead" | "ceiling">,
): void {
  for (const { at, floor } of ahead) {
    const name = stepName(workload, at);
    new aws.autoscaling.Schedule(name, {
      scheduledActionName: name,
      autoscalingGroupName: group,
      startTime: `${new Date(at * 1000).toISOString().slice(0, 19)}Z`,
      minSize: floor,
      maxSize: owns === "desired" ? floor : ceiling,
      desiredCapacity: owns === "desired" ? floor : -1,
    });
  }
}
