import { Disk } from "@pulumi/azure-native/compute/disk.js";
import { VirtualMachineScaleSet } from "@pulumi/azure-native/compute/virtualMachineScaleSet.js";
import * as pulumi from "@pulumi/pulumi";
import type { WorkloadCapacity } from "../capacity.ts";
import { acceleratedNetworking } from "./accelerated-networking.ts";
import { agentAtBoot } from "./agent-at-boot.ts";
import { autoscaler } from "./autoscaler.ts";
import type { Balancer } from "./balancer.ts";
import { imageReference } from "./image-reference.ts";
import type { Place } from "./network.ts";

const GIBI = 1024 ** 3;
const MEGA = 1e6;

export interface ScaleSetArgs {
  readonly place: Place;
  readonly zones: readonly string[];
  readonly subnet: pulumi.Output<string>;
  readonly front: Balancer;
  /** CPU utilisation in percent that the scale set's own autoscaler holds; none with `owns: desired`. */
  readonly utilisation: number;
  readonly capacity: WorkloadCapacity;
}

/**
 * A virtual machine scale set with its own reactive autoscaler and the capacity plan as profiles of it; data disks that stand alone, one a zone.
 *
 * Configuration: `image`, `PUBLISHER:OFFER:SKU:VERSION`; `sshPublicKey`, without which Azure makes no Linux machine.
 */
export function scaleSet(workload: string, { place, zones, subnet, front, utilisation, capacity }: ScaleSetArgs) {
  const { present, perReplica, storage, network, file } = capacity;
  const size = perReplica.instance;
  if (size === undefined)
    throw new Error(`${file}: ${workload}.perReplica: expected a VM size such as { instance: Standard_D2s_v5 }`);
  const config = new pulumi.Config();
  const { identity, customData } = agentAtBoot(workload, place);
  const set = new VirtualMachineScaleSet(
    workload,
    {
      ...place,
      zones: [...zones],
      orchestrationMode: "Uniform",
      singlePlacementGroup: false,
      // Else more machines run for a while than are asked for.
      overprovision: false,
      sku: { name: size, tier: "Standard", capacity: present },
      identity: { type: "UserAssigned", userAssignedIdentities: [identity] },
      upgradePolicy: { mode: "Rolling", rollingUpgradePolicy: { maxBatchInstancePercent: 10 } },
      virtualMachineProfile: {
        storageProfile: {
          imageReference: imageReference(config.require("image")),
          osDisk: { createOption: "FromImage", managedDisk: { storageAccountType: "Premium_LRS" } },
        },
        osProfile: {
          computerNamePrefix: workload,
          adminUsername: "operator",
          linuxConfiguration: {
            disablePasswordAuthentication: true,
            ssh: {
              publicKeys: [{ path: "/home/operator/.ssh/authorized_keys", keyData: config.require("sshPublicKey") }],
            },
          },
          ...(customData === undefined ? {} : { customData }),
        },
        networkProfile: {
          healthProbe: { id: front.probe },
          networkInterfaceConfigurations: [
            {
              name: "machine",
              primary: true,
              enableAcceleratedNetworking: acceleratedNetworking(
                size,
                network.bandwidth,
                `${file}: ${workload}.network.bandwidth`,
              ),
              ipConfigurations: [
                {
                  name: "machine",
                  primary: true,
                  subnet: { id: subnet },
                  loadBalancerBackendAddressPools: [{ id: front.pool }],
                },
              ],
            },
          ],
        },
      },
    },
    // The count is the autoscaler's from the creation on. Azure takes no size without a count: a change of the size sends the one just read.
    { ignoreChanges: ["sku.capacity"] },
  );
  autoscaler(workload, place, set.id, { utilisation, capacity });
  if (storage.size !== undefined)
    for (const zone of zones)
      new Disk(`${workload}-data-${zone}`, {
        ...place,
        zones: [zone],
        sku: { name: "PremiumV2_LRS" },
        creationData: { createOption: "Empty" },
        diskSizeGB: Math.ceil(storage.size / GIBI),
        ...(storage.iops === undefined ? {} : { diskIOPSReadWrite: Math.ceil(storage.iops) }),
        ...(storage.throughput === undefined ? {} : { diskMBpsReadWrite: Math.ceil(storage.throughput / MEGA) }),
        tags: { workload },
      });
  return set;
}
