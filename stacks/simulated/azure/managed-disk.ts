import type { ResourceRules } from "../resource-rules.port.ts";
import type { Properties } from "../world.ts";
import { armIdentity } from "./arm-resource.ts";
import { azureError } from "./azure-error.ts";

interface Inputs extends Properties {
  readonly diskSizeGB: number;
  readonly diskIOPSReadWrite?: number;
  readonly diskMBpsReadWrite?: number;
  readonly sku?: { readonly name?: string };
  readonly zones?: readonly string[];
}

/** Limits of Premium SSD v2 (Azure managed disk types): GiB, operations a second, MB a second. */
const PREMIUM_V2 = {
  diskSizeGB: [1, 65_536],
  diskIOPSReadWrite: [3000, 80_000],
  diskMBpsReadWrite: [125, 1200],
} as const;
/** Operations a second a GiB, and MB a second an operation a second. */
const IOPS_PER_GIB = 500;
const MBPS_PER_IOPS = 0.25;
const DAY = 86_400;

/**
 * `azure-native:compute:Disk` of the kind Premium SSD v2: it is in one zone, grows and never shrinks, and its performance is changed at most
 * so often in 24 hours, its creation included ("Deploy a Premium SSD v2", adjust disk performance).
 */
export const managedDisk: ResourceRules = {
  replaces: ["resourceGroupName", "diskName", "location", "zones", "creationData"],

  check(properties) {
    const inputs = properties as Inputs;
    if (inputs.sku?.name !== "PremiumV2_LRS")
      return [{ property: "sku", reason: `expected PremiumV2_LRS, which is simulated, found ${inputs.sku?.name}` }];
    const failures = [];
    const values = { ...performanceOf(inputs), diskSizeGB: inputs.diskSizeGB };
    for (const [property, value] of Object.entries(values)) {
      const [least, most] = PREMIUM_V2[property as keyof typeof PREMIUM_V2];
      if (!Number.isInteger(value) || value < least || value > most)
        failures.push({ property, reason: `expected ${least} to ${most} for Premium SSD v2, found ${value}` });
    }
    const { diskSizeGB, diskIOPSReadWrite: iops, diskMBpsReadWrite: throughput } = values;
    if (iops > Math.max(PREMIUM_V2.diskIOPSReadWrite[0], diskSizeGB * IOPS_PER_GIB))
      failures.push({
        property: "diskIOPSReadWrite",
        reason: `expected at most ${IOPS_PER_GIB} a GiB, found ${iops} for ${diskSizeGB} GiB`,
      });
    if (throughput > iops * MBPS_PER_IOPS)
      failures.push({
        property: "diskMBpsReadWrite",
        reason: `expected at most ${MBPS_PER_IOPS} MB/s an operation a second, found ${throughput} for ${iops}`,
      });
    if (inputs.zones?.length !== 1)
      failures.push({ property: "zones", reason: `expected one zone, found ${inputs.zones?.join(", ") || "none"}` });
    return failures;
  },

  create({ now }, inputs, logicalName) {
    const { id, name } = armIdentity("Microsoft.Compute/disks", inputs, logicalName, "diskName");
    return { id, outputs: outputsOf(name, inputs as Inputs, now) };
  },

  update({ world, now }, id, resource, properties) {
    const inputs = properties as Inputs;
    const olds = resource.inputs as Inputs;
    const created = (resource.outputs as { createdAt: number }).createdAt;
    if (inputs.diskSizeGB < olds.diskSizeGB)
      throw azureError(
        "OperationNotAllowed",
        `Disks can only be resized to a larger size: ${olds.diskSizeGB} GB, found ${inputs.diskSizeGB} GB.`,
        409,
      );
    if (JSON.stringify(performanceOf(olds)) !== JSON.stringify(performanceOf(inputs))) {
      const today = [created, ...resource.modified].filter((at) => now - at < DAY);
      if (today.length >= world.rules.diskChangesADay)
        throw azureError(
          "OperationNotAllowed",
          `The performance of a disk can be changed ${world.rules.diskChangesADay} times in 24 hours, its creation included. Wait ${Math.ceil((DAY - (now - today[0])) / 60)} minutes.`,
          409,
        );
      world.resources[id] = { ...resource, modified: [...resource.modified, now] };
    }
    return outputsOf(String(resource.outputs.name), inputs, created);
  },
};

function performanceOf({
  diskIOPSReadWrite = PREMIUM_V2.diskIOPSReadWrite[0],
  diskMBpsReadWrite = PREMIUM_V2.diskMBpsReadWrite[0],
}: Inputs) {
  return { diskIOPSReadWrite, diskMBpsReadWrite };
}

function outputsOf(name: string, inputs: Inputs, createdAt: number): Properties {
  return { ...performanceOf(inputs), ...inputs, name, provisioningState: "Succeeded", createdAt };
}
