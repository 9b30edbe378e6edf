import type { Context, ResourceRules } from "../resource-rules.port.ts";
import { newGroup, resize, type ScaledGroup } from "../scaled-group.ts";
import { note, type Properties, type World } from "../world.ts";
import { coresOf, removeGroup, settleGroup } from "../world-file.ts";
import { armIdentity } from "./arm-resource.ts";
import { azureError } from "./azure-error.ts";
import { vcpus } from "./vm-sizes.ts";

interface Inputs extends Properties {
  readonly sku?: { readonly name?: string; readonly capacity?: number };
  readonly upgradePolicy?: {
    readonly mode?: string;
    readonly rollingUpgradePolicy?: { readonly maxBatchInstancePercent?: number };
  };
  readonly virtualMachineProfile?: { readonly networkProfile?: { readonly healthProbe?: unknown } };
}

/** Most machines of a scale set (Azure, scale set limits). */
const MOST = 1000;

/**
 * `azure-native:compute:VirtualMachineScaleSet`, by the documentation of its REST API and of upgrade policies: a `sku` is given with its
 * capacity; a change of the model replaces machines in batches where the policy says so, and only with a health probe; a count beyond the
 * quota of cores is refused.
 */
export const scaleSet: ResourceRules = {
  replaces: ["resourceGroupName", "vmScaleSetName", "location", "zones"],

  create(context, properties, logicalName) {
    const inputs = properties as Inputs;
    const { world, now } = context;
    const { id, name } = armIdentity(
      "Microsoft.Compute/virtualMachineScaleSets",
      inputs,
      logicalName,
      "vmScaleSetName",
    );
    const { capacity, cores } = checked(context, id, inputs);
    const group = newGroup({ min: 0, max: MOST, desired: capacity }, { version: "1", cores });
    setBatch(group, inputs);
    world.groups[id] = group;
    settleGroup(world, id, now);
    return { id, outputs: outputsOf(name, inputs, group) };
  },

  /** The provider takes a count that others have changed into the inputs that it gives back. */
  read({ world }, id, { inputs }) {
    const group = world.groups[id];
    return group === undefined ? undefined : { sku: { ...(inputs as Inputs).sku, capacity: group.desired } };
  },

  update(context, id, { inputs: olds, outputs }, properties) {
    const inputs = properties as Inputs;
    const { world, now } = context;
    const { capacity, cores } = checked(context, id, inputs);
    const group = world.groups[id];
    resize(group, { desired: capacity });
    setBatch(group, inputs);
    if (modelOf(olds as Inputs) !== modelOf(inputs)) {
      group.version = String(Number(group.version) + 1);
      group.cores = cores;
      group.replacing = inputs.upgradePolicy?.mode !== "Manual";
      note(world, now, id, `model ${group.version}, upgrade ${inputs.upgradePolicy?.mode}`);
    }
    settleGroup(world, id, now);
    return outputsOf(String(outputs.name), inputs, group);
  },

  remove({ world }, id) {
    removeGroup(world, id);
  },
};

/** `azure-native:compute:getVirtualMachineScaleSet`: a scale set as it is. */
export function describeScaleSet(world: World, { resourceGroupName, vmScaleSetName }: Properties): Properties {
  const named = { resourceGroupName, vmScaleSetName };
  const { id } = armIdentity("Microsoft.Compute/virtualMachineScaleSets", named, "", "vmScaleSetName");
  const group = world.groups[id];
  if (group === undefined) throw azureError("ResourceNotFound", `The Resource '${id}' was not found.`, 404);
  return { id, name: vmScaleSetName, sku: { capacity: group.desired } };
}

/** What a machine is made from. */
function modelOf({ sku, virtualMachineProfile }: Inputs): string {
  return JSON.stringify([sku?.name, virtualMachineProfile]);
}

function setBatch(group: ScaledGroup, { upgradePolicy }: Inputs): void {
  group.batch = (upgradePolicy?.rollingUpgradePolicy?.maxBatchInstancePercent ?? 20) / 100;
}

function checked({ world }: Context, id: string, { sku, upgradePolicy, virtualMachineProfile }: Inputs) {
  for (const part of ["name", "capacity"] as const)
    if (sku?.[part] === undefined)
      throw azureError("InvalidParameter", `Required parameter 'sku.${part}' is missing (null).`);
  const [cores, capacity] = [vcpus(sku!.name!), sku!.capacity!];
  if (!Number.isInteger(capacity) || capacity < 0 || capacity > MOST)
    throw azureError("InvalidParameter", `The value of sku.capacity must be between 0 and ${MOST}, found ${capacity}.`);
  if (upgradePolicy?.mode === "Rolling" && virtualMachineProfile?.networkProfile?.healthProbe === undefined)
    throw azureError(
      "BadRequest",
      "Rolling Upgrade mode is not supported for this Virtual Machine Scale Set because a health probe or health extension was not provided.",
    );
  const group = world.groups[id];
  const others = coresOf(world) - (group === undefined ? 0 : group.cores * group.instances.length);
  const required = others + capacity * cores;
  if (required > world.rules.coreQuota)
    throw azureError(
      "OperationNotAllowed",
      `Operation could not be completed as it results in exceeding approved Total Regional Cores quota. Location: simulated, Current Limit: ${world.rules.coreQuota}, Current Usage: ${coresOf(world)}, (Minimum) New Limit Required: ${required}.`,
      409,
    );
  return { cores, capacity };
}

function outputsOf(name: string, inputs: Inputs, group: ScaledGroup): Properties {
  return { ...inputs, sku: { ...inputs.sku, capacity: group.desired }, name, provisioningState: "Succeeded" };
}
