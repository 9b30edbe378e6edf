import { LoadBalancer } from "@pulumi/azure-native/network/loadBalancer.js";
import { PublicIPAddress } from "@pulumi/azure-native/network/publicIPAddress.js";
import * as pulumi from "@pulumi/pulumi";
import type { Place } from "./network.ts";

export interface Balancer {
  readonly pool: pulumi.Output<string>;
  /** By which Azure tells which machines serve; a rolling upgrade needs it. */
  readonly probe: pulumi.Output<string>;
  readonly url: pulumi.Output<string>;
}

/**
 * A load balancer in front of a workload, of the standard kind: it is across zones, and its throughput is not a setting but what the machines
 * behind it have.
 *
 * @param group identifier of the resource group: the parts of a load balancer name each other in full
 */
export function balancer(workload: string, place: Place, group: pulumi.Output<string>, port: number): Balancer {
  const address = new PublicIPAddress(`${workload}-address`, {
    ...place,
    sku: { name: "Standard" },
    publicIPAllocationMethod: "Static",
  });
  const loadBalancerName = `${workload}-balancer`;
  const own = pulumi.interpolate`${group}/providers/Microsoft.Network/loadBalancers/${loadBalancerName}`;
  const { id } = new LoadBalancer(loadBalancerName, {
    ...place,
    loadBalancerName,
    sku: { name: "Standard" },
    frontendIPConfigurations: [{ name: "front", publicIPAddress: { id: address.id } }],
    backendAddressPools: [{ name: "machines" }],
    probes: [{ name: "serves", protocol: "Http", port, requestPath: "/", intervalInSeconds: 5 }],
    loadBalancingRules: [
      {
        name: "requests",
        protocol: "Tcp",
        frontendPort: 80,
        backendPort: port,
        frontendIPConfiguration: { id: pulumi.interpolate`${own}/frontendIPConfigurations/front` },
        backendAddressPool: { id: pulumi.interpolate`${own}/backendAddressPools/machines` },
        probe: { id: pulumi.interpolate`${own}/probes/serves` },
      },
    ],
  });
  return {
    pool: pulumi.interpolate`${id}/backendAddressPools/machines`,
    probe: pulumi.interpolate`${id}/probes/serves`,
    url: pulumi.interpolate`http://${address.ipAddress}`,
  };
}
