import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { WorkloadCapacity } from "../capacity.ts";
import { stepName } from "../step-name.ts";

/** What Application Auto Scaling scales: the count of an ECS service. */
const SCALES = { serviceNamespace: "ecs", scalableDimension: "ecs:service:DesiredCount" };

/**
 * Bounds and plan of an ECS service: a scalable target with its reactive autoscaler, and a scheduled action a step, which AWS carries out with
 * everything else down.
 *
 * @param service identifier of the form `service/CLUSTER/SERVICE`
 * @param utilisation CPU in percent that the autoscaler holds
 */
export function servicePlan(
  workload: string,
  service: pulumi.Input<string>,
  utilisation: number,
  { owns, present, ceiling, ahead }: Pick<WorkloadCapacity, "owns" | "present" | "ceiling" | "ahead">,
): void {
  const most = (floor: number) => (owns === "desired" ? floor : ceiling);
  const target = new aws.appautoscaling.Target(`${workload}-bounds`, {
    ...SCALES,
    resourceId: service,
    minCapacity: present,
    maxCapacity: most(present),
  });
  if (owns === "floor")
    new aws.appautoscaling.Policy(`${workload}-autoscaler`, {
      ...SCALES,
      resourceId: target.resourceId,
      policyType: "TargetTrackingScaling",
      targetTrackingScalingPolicyConfiguration: {
        predefinedMetricSpecification: { predefinedMetricType: "ECSServiceAverageCPUUtilization" },
        targetValue: utilisation,
      },
    });
  for (const { at, floor } of ahead) {
    const name = stepName(workload, at);
    new aws.appautoscaling.ScheduledAction(name, {
      ...SCALES,
      name,
      resourceId: target.resourceId,
      schedule: `at(${new Date(at * 1000).toISOString().slice(0, 19)})`,
      scalableTargetAction: { minCapacity: floor, maxCapacity: most(floor) },
    });
  }
}
