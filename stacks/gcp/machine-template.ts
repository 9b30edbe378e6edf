import { createHash } from "node:crypto";
import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";
import type { WorkloadCapacity } from "../capacity.ts";
import { agentAtBoot } from "./agent-at-boot.ts";
import { egressTier } from "./egress-tier.ts";
import type { Network } from "./network.ts";

const GIGABIT = 1e9 / 8;

/**
 * The instance template of a workload. One cannot be changed: each has a name by its content, so that a change makes a new one beside it and the
 * way back leads to the same name.
 *
 * @returns its name within the project
 */
export function machineTemplate(
  workload: string,
  { subnet, tag }: Network,
  { perReplica, network: { bandwidth }, file }: WorkloadCapacity,
): pulumi.Output<string> {
  if (perReplica.instance === undefined)
    throw new Error(`${file}: ${workload}.perReplica: expected a machine type such as { instance: c4-standard-2 }`);
  const config = new pulumi.Config();
  const { account, script } = agentAtBoot(workload);
  const given = config.getNumber("defaultEgress");
  const content = {
    machineType: perReplica.instance,
    disks: [
      {
        boot: true,
        autoDelete: true,
        diskType: "hyperdisk-balanced",
        // Named by parameter: a new image is somebody's decision, not the side effect of a change of capacity.
        sourceImage: config.get("image") ?? "projects/ubuntu-os-cloud/global/images/family/ubuntu-2404-lts-amd64",
      },
    ],
    networkInterfaces: [{ subnetwork: subnet, nicType: "GVNIC", accessConfigs: [{}] }],
    networkPerformanceConfig: {
      totalEgressBandwidthTier: egressTier(bandwidth, given === undefined ? undefined : given * GIGABIT),
    },
    serviceAccount: { email: account, scopes: ["cloud-platform"] },
    ...(script === undefined ? {} : { metadataStartupScript: script }),
    tags: [tag],
    labels: { workload },
  };
  const digest = pulumi
    .output(content)
    .apply((known) => createHash("sha256").update(JSON.stringify(known)).digest("hex").slice(0, 10));
  return new gcp.compute.InstanceTemplate(`${workload}-template`, {
    ...content,
    name: pulumi.interpolate`${workload}-${digest}`,
  }).name;
}
