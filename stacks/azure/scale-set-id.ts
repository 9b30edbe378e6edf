import { sizerByName } from "../../model/other-sizer.ts";

const ID =
  /^\/subscriptions\/[^/]+\/resourceGroups\/([^/]+)\/providers\/Microsoft\.Compute\/virtualMachineScaleSets\/([^/]+)$/i;

/**
 * The resource group of a virtual machine scale set, by the set's identifier.
 *
 * @throws Error when it is no such identifier, or names a node pool of a cluster
 */
export function resourceGroupOf(scaleSet: string): string {
  const [, group, name] = ID.exec(scaleSet) ?? [];
  if (group === undefined)
    throw new Error(
      `foreshadow:group: expected /subscriptions/ID/resourceGroups/NAME/providers/Microsoft.Compute/virtualMachineScaleSets/NAME, found ${scaleSet}`,
    );
  const sizer = sizerByName(name);
  if (sizer !== undefined)
    throw new Error(`foreshadow:group: ${name} is not scaled here: ${sizer}; name another scale set`);
  return group;
}
