import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { WorkloadCapacity } from "../capacity.ts";
import type { Network } from "./network.ts";
import { servicePlan } from "./service-plan.ts";

const MEBI = 1024 ** 2;

export interface ContainerServiceArgs {
  readonly network: Network;
  readonly targetGroup: pulumi.Input<string>;
  readonly port: number;
  /** CPU utilisation in percent that the service's own autoscaler holds. */
  readonly utilisation: number;
  readonly capacity: WorkloadCapacity;
}

/** A service on ECS Fargate, where CPU and memory of a replica are set directly, with bounds, reactive autoscaler and plan. */
export function containerService(
  workload: string,
  { network, targetGroup, port, utilisation, capacity }: ContainerServiceArgs,
) {
  const { present, perReplica, file } = capacity;
  if (perReplica.cpu === undefined || perReplica.memory === undefined)
    throw new Error(`${file}: ${workload}.perReplica: expected cpu and memory, such as { cpu: 1, memory: 2GiB }`);
  const image = new pulumi.Config().require("image");
  const cluster = new aws.ecs.Cluster(`${workload}-cluster`, {});
  const logs = new aws.cloudwatch.LogGroup(`${workload}-logs`, { retentionInDays: 30 });
  const role = new aws.iam.Role(`${workload}-execution`, {
    assumeRolePolicy: JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: "ecs-tasks.amazonaws.com" }, Action: "sts:AssumeRole" }],
    }),
  });
  new aws.iam.RolePolicyAttachment(`${workload}-execution`, {
    role: role.name,
    policyArn: "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
  });
  const definition = new aws.ecs.TaskDefinition(`${workload}-task`, {
    family: workload,
    requiresCompatibilities: ["FARGATE"],
    networkMode: "awsvpc",
    cpu: String(Math.ceil(perReplica.cpu * 1024)),
    memory: String(Math.ceil(perReplica.memory / MEBI)),
    executionRoleArn: role.arn,
    containerDefinitions: pulumi.jsonStringify([
      {
        name: workload,
        image,
        portMappings: [{ containerPort: port }],
        logConfiguration: {
          logDriver: "awslogs",
          options: {
            "awslogs-group": logs.name,
            "awslogs-region": new pulumi.Config("aws").require("region"),
            "awslogs-stream-prefix": workload,
          },
        },
      },
    ]),
  });
  const service = new aws.ecs.Service(
    workload,
    {
      cluster: cluster.id,
      taskDefinition: definition.arn,
      launchType: "FARGATE",
      desiredCount: present,
      networkConfiguration: { subnets: network.subnets, securityGroups: [network.back], assignPublicIp: true },
      loadBalancers: [{ targetGroupArn: targetGroup, containerName: workload, containerPort: port }],
    },
    // The count is the autoscaler's, within the bounds below. Left out it would go to nought; with a refresh before each update, which the
    // engine does and `pulumi up --refresh` asks for, it stays what it is.
    { ignoreChanges: ["desiredCount"] },
  );
  servicePlan(workload, pulumi.interpolate`service/${cluster.name}/${service.name}`, utilisation, capacity);
  return service;
}
