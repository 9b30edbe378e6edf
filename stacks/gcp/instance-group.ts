import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";
import type { WorkloadCapacity } from "../capacity.ts";
import { autoscaler } from "./autoscaler.ts";
import { PORT_NAME } from "./balancer.ts";
import { machineTemplate } from "./machine-template.ts";
import type { Network } from "./network.ts";

const GIBI = 1024 ** 3;
const MEBI = 1024 ** 2;

export interface InstanceGroupArgs {
  readonly network: Network;
  readonly project: string;
  readonly region: string;
  readonly zones: readonly string[];
  readonly port: number;
  /** CPU utilisation in percent that the group's own autoscaler holds; none with `owns: desired`. */
  readonly utilisation: number;
  readonly capacity: WorkloadCapacity;
}

/**
 * A regional managed instance group with its template, its own reactive autoscaler that holds the capacity plan as scaling schedules, and data disks
 * that stand alone, one a zone.
 */
export function instanceGroup(workload: string, args: InstanceGroupArgs) {
  const { network, project, region, zones, port, utilisation, capacity } = args;
  const { owns, count, plan, storage, file } = capacity;
  if (owns === "desired" && plan.length > 0)
    throw new Error(
      `${file}: ${workload}.plan: expected none with owns: desired, since schedules of Compute Engine set floors; use owns: floor`,
    );
  const template = machineTemplate(workload, network, capacity);
  const group = new gcp.compute.RegionInstanceGroupManager(workload, {
    region,
    baseInstanceName: workload,
    distributionPolicyZones: [...zones],
    // By name, which a preview of a change knows before the new template is there.
    versions: [{ instanceTemplate: pulumi.interpolate`projects/${project}/global/instanceTemplates/${template}` }],
    ...(owns === "desired" ? { targetSize: count } : {}),
    namedPorts: [{ name: PORT_NAME, port }],
    updatePolicy: {
      type: "PROACTIVE",
      minimalAction: "REPLACE",
      // A regional group takes none, or one a zone and more.
      maxSurgeFixed: zones.length,
      maxUnavailableFixed: 0,
    },
    // Else the provider waits under the stack's lock for a count that the native autoscaler may change meanwhile.
    waitForInstances: false,
  });
  if (owns === "floor") autoscaler(workload, group.id, { region, utilisation, capacity });
  if (storage.size !== undefined)
    for (const zone of zones)
      new gcp.compute.Disk(`${workload}-data-${zone}`, {
        zone,
        type: "hyperdisk-balanced",
        size: Math.ceil(storage.size / GIBI),
        ...(storage.iops === undefined ? {} : { provisionedIops: Math.ceil(storage.iops) }),
        ...(storage.throughput === undefined ? {} : { provisionedThroughput: Math.ceil(storage.throughput / MEBI) }),
        labels: { workload },
      });
  return group;
}
