import type { ResourceRules } from "../resource-rules.port.ts";
import { nextId, type Properties } from "../world.ts";
import { gcpError, invalid } from "./gcp-error.ts";
import { vcpus } from "./machine-type.ts";
import { pathOf } from "./self-link.ts";

interface Inputs extends Properties {
  readonly name?: string;
  readonly machineType: string;
  readonly networkInterfaces?: readonly { readonly nicType?: string }[];
  readonly networkPerformanceConfig?: { readonly totalEgressBandwidthTier?: string };
}

/** Fewer vCPUs have no higher tier (Compute Engine, per VM Tier_1 networking performance). */
const LEAST_FOR_TIER_1 = 30;

/**
 * `gcp:compute/instanceTemplate:InstanceTemplate`: never changes, and stays as long as a group refers to it. The higher tier of egress takes a large
 * machine with a gVNIC.
 */
export const instanceTemplate: ResourceRules = {
  createFirst: true,
  alsoReplaces: (olds, news) =>
    Object.keys(news).filter((key) => !key.startsWith("__") && JSON.stringify(olds[key]) !== JSON.stringify(news[key])),

  create({ world }, properties) {
    const inputs = properties as Inputs;
    const cores = vcpus(inputs.machineType);
    if (inputs.networkPerformanceConfig?.totalEgressBandwidthTier === "TIER_1") {
      const field = "resource.properties.networkPerformanceConfig";
      if (cores < LEAST_FOR_TIER_1)
        throw invalid(field, `TIER_1 is not supported by the machine type ${inputs.machineType}.`);
      if (inputs.networkInterfaces?.some(({ nicType }) => nicType !== "GVNIC") !== false)
        throw invalid(field, "TIER_1 requires network interfaces of the type GVNIC.");
    }
    const name = inputs.name ?? nextId(world, "template");
    const id = pathOf("instanceTemplates", { project: inputs.project }, name);
    if (world.resources[id] !== undefined) throw gcpError(409, `The resource '${id}' already exists`, "alreadyExists");
    return { id, outputs: { ...inputs, name, selfLink: id } };
  },

  remove({ world }, id) {
    const user = Object.entries(world.groups).find(([, { version }]) => version === id);
    if (user !== undefined)
      throw gcpError(
        400,
        `The instance_template resource '${id}' is already being used by '${user[0]}'`,
        "resourceInUseByAnotherResource",
      );
  },
};
