import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

export interface Network {
  readonly vpc: pulumi.Output<string>;
  readonly zones: readonly string[];
  readonly subnets: pulumi.Output<string>[];
  /** Of the load balancer: the world may reach it. */
  readonly front: pulumi.Output<string>;
  /** Of the machines: only the load balancer may reach them. */
  readonly back: pulumi.Output<string>;
}

/** A network of one public subnet a zone. Nothing but the load balancer reaches the machines. */
export function network(workload: string, zones: readonly string[], port: number): Network {
  const vpc = new aws.ec2.Vpc(`${workload}-vpc`, { cidrBlock: "10.20.0.0/16", enableDnsHostnames: true });
  const gateway = new aws.ec2.InternetGateway(`${workload}-gateway`, { vpcId: vpc.id });
  const routes = new aws.ec2.RouteTable(`${workload}-routes`, {
    vpcId: vpc.id,
    routes: [{ cidrBlock: "0.0.0.0/0", gatewayId: gateway.id }],
  });
  const subnets = zones.map((availabilityZone, i) => {
    const name = `${workload}-${availabilityZone}`;
    const subnet = new aws.ec2.Subnet(name, {
      vpcId: vpc.id,
      availabilityZone,
      cidrBlock: `10.20.${i * 16}.0/20`,
      mapPublicIpOnLaunch: true,
    });
    new aws.ec2.RouteTableAssociation(name, { subnetId: subnet.id, routeTableId: routes.id });
    return subnet.id;
  });
  const egress = [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"] }];
  const front = new aws.ec2.SecurityGroup(`${workload}-front`, {
    vpcId: vpc.id,
    description: "Requests from anywhere",
    ingress: [{ protocol: "tcp", fromPort: 80, toPort: 80, cidrBlocks: ["0.0.0.0/0"] }],
    egress,
  });
  const back = new aws.ec2.SecurityGroup(`${workload}-back`, {
    vpcId: vpc.id,
    description: "Requests from the load balancer",
    ingress: [{ protocol: "tcp", fromPort: port, toPort: port, securityGroups: [front.id] }],
    egress,
  });
  return { vpc: vpc.id, zones, subnets, front: front.id, back: back.id };
}
