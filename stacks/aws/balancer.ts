import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Network } from "./network.ts";

/** Bytes a second that one capacity unit stands for: 1 GB an hour (Elastic Load Balancing pricing). */
const UNIT = 1e9 / 3600;
/** Fewer cannot be reserved. */
const LEAST_UNITS = 100;

export interface Balancer {
  readonly targetGroup: pulumi.Output<string>;
  readonly url: pulumi.Output<string>;
}

/**
 * A load balancer in front of a workload.
 *
 * @param bandwidth bytes a second that are kept ready, as capacity units; none without it
 */
export function balancer(
  workload: string,
  { vpc, subnets, front }: Network,
  port: number,
  targetType: "instance" | "ip",
  bandwidth: number | undefined,
): Balancer {
  const loadBalancer = new aws.lb.LoadBalancer(`${workload}-balancer`, {
    loadBalancerType: "application",
    subnets,
    securityGroups: [front],
    ...(bandwidth === undefined
      ? {}
      : { minimumLoadBalancerCapacity: { capacityUnits: Math.max(LEAST_UNITS, Math.ceil(bandwidth / UNIT)) } }),
  });
  const group = new aws.lb.TargetGroup(`${workload}-targets`, {
    port,
    protocol: "HTTP",
    vpcId: vpc,
    targetType,
    healthCheck: { path: "/", matcher: "200-399" },
  });
  new aws.lb.Listener(`${workload}-listener`, {
    loadBalancerArn: loadBalancer.arn,
    port: 80,
    defaultActions: [{ type: "forward", targetGroupArn: group.arn }],
  });
  return { targetGroup: group.arn, url: loadBalancer.dnsName.apply((name) => `http://${name}`) };
}
