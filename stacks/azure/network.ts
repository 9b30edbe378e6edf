import { NetworkSecurityGroup } from "@pulumi/azure-native/network/networkSecurityGroup.js";
import { VirtualNetwork } from "@pulumi/azure-native/network/virtualNetwork.js";
import type * as pulumi from "@pulumi/pulumi";

/** Where a resource is made. */
export interface Place {
  readonly resourceGroupName: pulumi.Input<string>;
  readonly location: string;
}

/**
 * A network of one subnet, which spans the zones. Requests reach the machines on their port and nothing else does from outside: behind a
 * load balancer of the standard kind they come with the address of who asks.
 *
 * @returns the subnet's identifier
 */
export function network(workload: string, place: Place, port: number): pulumi.Output<string> {
  const guard = new NetworkSecurityGroup(`${workload}-guard`, {
    ...place,
    securityRules: [
      {
        name: "requests",
        priority: 100,
        direction: "Inbound",
        access: "Allow",
        protocol: "Tcp",
        sourceAddressPrefix: "Internet",
        sourcePortRange: "*",
        destinationAddressPrefix: "*",
        destinationPortRange: String(port),
      },
    ],
  });
  const { subnets } = new VirtualNetwork(`${workload}-network`, {
    ...place,
    addressSpace: { addressPrefixes: ["10.20.0.0/16"] },
    subnets: [{ name: "machines", addressPrefix: "10.20.0.0/20", networkSecurityGroup: { id: guard.id } }],
  });
  return subnets.apply((all) => all?.[0]?.id ?? "");
}
