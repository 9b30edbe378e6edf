import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { WorkloadCapacity } from "../capacity.ts";
import { agentAtBoot } from "./agent-at-boot.ts";
import { groupPlan } from "./group-plan.ts";
import type { Network } from "./network.ts";

const GIBI = 1024 ** 3;
const MEBI = 1024 ** 2;

export interface InstanceGroupArgs {
  readonly network: Network;
  readonly targetGroup: pulumi.Input<string>;
  /** CPU utilisation in percent that the group's own autoscaler holds; none with `owns: desired`. */
  readonly utilisation: number;
  readonly capacity: WorkloadCapacity;
}

/**
 * An Auto Scaling group with its launch template, its own reactive autoscaler, and the capacity plan as scheduled actions; data disks that stand
 * alone, one a zone.
 */
export function instanceGroup(workload: string, { network, targetGroup, utilisation, capacity }: InstanceGroupArgs) {
  const { owns, present, ceiling, perReplica, storage, file } = capacity;
  if (perReplica.instance === undefined)
    throw new Error(`${file}: ${workload}.perReplica: expected an instance type such as { instance: m7i.large }`);
  const { profile, userData } = agentAtBoot(workload);
  const template = new aws.ec2.LaunchTemplate(`${workload}-template`, {
    // Named by parameter: a new image is somebody's decision, not the side effect of a change of capacity.
    imageId:
      new pulumi.Config().get("image") ??
      "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
    instanceType: perReplica.instance,
    vpcSecurityGroupIds: [network.back],
    iamInstanceProfile: { arn: profile },
    metadataOptions: { httpTokens: "required" },
    updateDefaultVersion: true,
    userData,
  });
  const group = new aws.autoscaling.Group(workload, {
    minSize: present,
    maxSize: owns === "desired" ? present : ceiling,
    ...(owns === "desired" ? { desiredCapacity: present } : {}),
    vpcZoneIdentifiers: network.subnets,
    targetGroupArns: [targetGroup],
    healthCheckType: "ELB",
    launchTemplate: { id: template.id, version: template.latestVersion.apply(String) },
    instanceRefresh: { strategy: "Rolling", preferences: { minHealthyPercentage: 90 } },
    // Else the provider waits under the stack's lock for a count that the native autoscaler may change meanwhile.
    waitForCapacityTimeout: "0",
  });
  if (owns === "floor")
    new aws.autoscaling.Policy(`${workload}-autoscaler`, {
      autoscalingGroupName: group.name,
      policyType: "TargetTrackingScaling",
      targetTrackingConfiguration: {
        predefinedMetricSpecification: { predefinedMetricType: "ASGAverageCPUUtilization" },
        targetValue: utilisation,
      },
    });
  groupPlan(workload, group.name, capacity);
  if (storage.size !== undefined)
    for (const zone of network.zones)
      new aws.ebs.Volume(`${workload}-data-${zone}`, {
        availabilityZone: zone,
        type: "gp3",
        encrypted: true,
        size: Math.ceil(storage.size / GIBI),
        ...(storage.iops === undefined ? {} : { iops: Math.ceil(storage.iops) }),
        ...(storage.throughput === undefined ? {} : { throughput: Math.ceil(storage.throughput / MEBI) }),
        tags: { workload },
      });
  return group;
}
