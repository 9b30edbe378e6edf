import { plain } from "../plain.ts";
import { type SimulatedCloud, sdkVersion } from "../provider.ts";
import type { ResourceRules } from "../resource-rules.port.ts";
import { armResource, children, SUBSCRIPTION } from "./arm-resource.ts";
import { autoscaleSetting } from "./autoscale-setting.ts";
import { managedDisk } from "./managed-disk.ts";
import { permissions } from "./permissions.ts";
import { describeScaleSet, scaleSet } from "./scale-set.ts";

const resourceGroup: ResourceRules = {
  replaces: ["resourceGroupName", "location"],
  create(_context, inputs, logicalName) {
    const name = String(inputs.resourceGroupName ?? `${logicalName}-simulated`);
    return { id: `${SUBSCRIPTION}/resourceGroups/${name}`, outputs: { ...inputs, name } };
  },
  update: (_context, id, _resource, inputs) => ({ ...inputs, name: id.split("/").at(-1) }),
};

/** The part of Azure that the stack of this package is made of. Resources that only have to be there are kept as they are given. */
export const simulatedAzure: SimulatedCloud = {
  name: "azure",
  version: sdkVersion("@pulumi/azure-native"),
  types: {
    "azure-native:resources:ResourceGroup": resourceGroup,
    "azure-native:network:NetworkSecurityGroup": armResource(
      "Microsoft.Network/networkSecurityGroups",
      "networkSecurityGroupName",
    ),
    "azure-native:network:VirtualNetwork": armResource(
      "Microsoft.Network/virtualNetworks",
      "virtualNetworkName",
      (id, { subnets }) => ({ subnets: children(id, "subnets", subnets) }),
    ),
    "azure-native:network:PublicIPAddress": armResource(
      "Microsoft.Network/publicIPAddresses",
      "publicIpAddressName",
      (id) => ({ ipAddress: `${id.split("/").at(-1)}.invalid` }),
    ),
    "azure-native:network:LoadBalancer": armResource(
      "Microsoft.Network/loadBalancers",
      "loadBalancerName",
      (id, { backendAddressPools, probes }) => ({
        backendAddressPools: children(id, "backendAddressPools", backendAddressPools),
        probes: children(id, "probes", probes),
      }),
    ),
    "azure-native:managedidentity:UserAssignedIdentity": armResource(
      "Microsoft.ManagedIdentity/userAssignedIdentities",
      "resourceName",
      (id) => ({ principalId: `${id.split("/").at(-1)}-principal`, clientId: `${id.split("/").at(-1)}-client` }),
    ),
    "azure-native:authorization:RoleAssignment": plain("assignment", {
      replaces: ["principalId", "roleDefinitionId", "scope"],
    }),
    "azure-native:compute:VirtualMachineScaleSet": scaleSet,
    "azure-native:compute:Disk": managedDisk,
    "azure-native:monitor:AutoscaleSetting": autoscaleSetting,
  },
  functions: { "azure-native:compute:getVirtualMachineScaleSet": describeScaleSet },
  permissions,
};
