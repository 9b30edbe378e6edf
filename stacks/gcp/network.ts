import * as gcp from "@pulumi/gcp";
import type * as pulumi from "@pulumi/pulumi";

/** Where Google's load balancers and health checks come from (Cloud Load Balancing, firewall rules). */
const BALANCERS = ["130.211.0.0/22", "35.191.0.0/16"];

export interface Network {
  readonly subnet: pulumi.Output<string>;
  /** Tag of the machines: only the load balancer may reach them. */
  readonly tag: string;
}

/** A network of one subnet. Nothing but the load balancer and its health checks reaches the machines. */
export function network(workload: string, region: string, port: number): Network {
  const vpc = new gcp.compute.Network(`${workload}-vpc`, { autoCreateSubnetworks: false });
  const subnet = new gcp.compute.Subnetwork(`${workload}-subnet`, {
    network: vpc.id,
    region,
    ipCidrRange: "10.20.0.0/20",
    privateIpGoogleAccess: true,
  });
  const tag = `${workload}-machine`;
  new gcp.compute.Firewall(`${workload}-front`, {
    network: vpc.id,
    description: "Requests from the load balancer",
    direction: "INGRESS",
    sourceRanges: BALANCERS,
    targetTags: [tag],
    allows: [{ protocol: "tcp", ports: [String(port)] }],
  });
  return { subnet: subnet.id, tag };
}
