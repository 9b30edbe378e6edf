import * as gcp from "@pulumi/gcp";
import type * as pulumi from "@pulumi/pulumi";

/** The name of the port by which the balancer finds a workload's machines. */
export const PORT_NAME = "http";

/** A global external load balancer in front of a workload. It grows by itself: bandwidth is a property of the machines. */
export function balancer(
  workload: string,
  group: pulumi.Input<string>,
  port: number,
): { readonly url: pulumi.Output<string> } {
  const health = new gcp.compute.HealthCheck(`${workload}-health`, { httpHealthCheck: { port, requestPath: "/" } });
  const service = new gcp.compute.BackendService(`${workload}-service`, {
    protocol: "HTTP",
    portName: PORT_NAME,
    loadBalancingScheme: "EXTERNAL_MANAGED",
    healthChecks: health.id,
    backends: [{ group, balancingMode: "UTILIZATION", capacityScaler: 1 }],
  });
  const routes = new gcp.compute.URLMap(`${workload}-routes`, { defaultService: service.id });
  const proxy = new gcp.compute.TargetHttpProxy(`${workload}-proxy`, { urlMap: routes.id });
  const rule = new gcp.compute.GlobalForwardingRule(`${workload}-balancer`, {
    target: proxy.id,
    portRange: "80",
    loadBalancingScheme: "EXTERNAL_MANAGED",
  });
  return { url: rule.ipAddress.apply((address) => `http://${address}`) };
}
