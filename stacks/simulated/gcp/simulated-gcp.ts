import { plain } from "../plain.ts";
import { type SimulatedCloud, sdkVersion } from "../provider.ts";
import { disk } from "./disk.ts";
import { describeManager, instanceGroupManager } from "./instance-group-manager.ts";
import { instanceTemplate } from "./instance-template.ts";
import { permissions } from "./permissions.ts";
import { regionAutoscaler } from "./region-autoscaler.ts";
import { linked } from "./self-link.ts";

/** The part of Google Cloud that the stack of this package is made of. Resources that only have to be there are kept as they are given. */
export const simulatedGcp: SimulatedCloud = {
  name: "gcp",
  version: sdkVersion("@pulumi/gcp"),
  types: {
    "gcp:compute/network:Network": linked("networks", ["autoCreateSubnetworks"]),
    "gcp:compute/subnetwork:Subnetwork": linked("subnetworks", ["network", "region"]),
    "gcp:compute/firewall:Firewall": linked("firewalls", ["network", "direction"]),
    "gcp:compute/healthCheck:HealthCheck": linked("healthChecks"),
    "gcp:compute/backendService:BackendService": linked("backendServices", ["loadBalancingScheme"]),
    "gcp:compute/uRLMap:URLMap": linked("urlMaps"),
    "gcp:compute/targetHttpProxy:TargetHttpProxy": linked("targetHttpProxies"),
    "gcp:compute/globalForwardingRule:GlobalForwardingRule": linked("forwardingRules", ["portRange"], (name) => ({
      ipAddress: `${name}.simulated.invalid`,
    })),
    "gcp:compute/instanceTemplate:InstanceTemplate": instanceTemplate,
    "gcp:compute/regionInstanceGroupManager:RegionInstanceGroupManager": instanceGroupManager,
    "gcp:compute/regionAutoscaler:RegionAutoscaler": regionAutoscaler,
    "gcp:compute/disk:Disk": disk,
    "gcp:serviceaccount/account:Account": plain("account", {
      replaces: ["accountId"],
      outputs: (id, { accountId }) => ({ email: `${accountId}@simulated.invalid`, name: id }),
    }),
    "gcp:secretmanager/secretIamMember:SecretIamMember": plain("member", { replaces: ["secretId", "role", "member"] }),
  },
  functions: { "gcp:compute/getRegionInstanceGroupManager:getRegionInstanceGroupManager": describeManager },
  permissions,
};
