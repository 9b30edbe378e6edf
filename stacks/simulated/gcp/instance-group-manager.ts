import type { Context, ResourceRules } from "../resource-rules.port.ts";
import { newGroup, type ScaledGroup } from "../scaled-group.ts";
import { note, type Properties, type World } from "../world.ts";
import { removeGroup, settleGroup } from "../world-file.ts";
import { gcpError, invalid } from "./gcp-error.ts";
import { vcpus } from "./machine-type.ts";
import { lastPart, pathOf } from "./self-link.ts";

interface Inputs extends Properties {
  readonly name?: string;
  readonly region?: string;
  readonly targetSize?: number;
  readonly distributionPolicyZones?: readonly string[];
  readonly versions: readonly { readonly instanceTemplate: string }[];
  readonly updatePolicy?: {
    readonly type: string;
    readonly maxSurgeFixed?: number;
    readonly maxUnavailableFixed?: number;
  };
}

/**
 * `gcp:compute/regionInstanceGroupManager:RegionInstanceGroupManager` with one version: another template replaces machines by a proactive update,
 * as many at once as the surge allows (Compute Engine, rolling updates of managed instance groups).
 */
export const instanceGroupManager: ResourceRules = {
  replaces: ["name", "region", "baseInstanceName", "distributionPolicyZones"],
  volatile: ["targetSize"],

  create(context, properties, resource) {
    const inputs = properties as Inputs;
    const name = inputs.name ?? `${resource}-simulated`;
    const id = pathOf("instanceGroupManagers", inputs, name);
    if (context.world.groups[name] !== undefined)
      throw gcpError(409, `The resource '${id}' already exists`, "alreadyExists");
    checkUpdatePolicy(inputs);
    const size = inputs.targetSize ?? 0;
    const group = newGroup({ min: size, max: size, desired: size });
    describe(context, group, inputs);
    context.world.groups[name] = group;
    settleGroup(context.world, name, context.now);
    return { id, outputs: outputsOf(id, inputs, group) };
  },

  read({ world }, id, { inputs }) {
    const group = world.groups[lastPart(id)];
    if (group === undefined) return undefined;
    return inputs.targetSize === undefined ? {} : { targetSize: group.desired };
  },

  update(context, id, _resource, properties) {
    const inputs = properties as Inputs;
    checkUpdatePolicy(inputs);
    const name = lastPart(id);
    const group = context.world.groups[name];
    if (inputs.targetSize !== undefined && group.floors === undefined)
      group.min = group.max = group.desired = inputs.targetSize;
    const former = group.version;
    describe(context, group, inputs);
    if (former !== group.version && inputs.updatePolicy?.type === "PROACTIVE") {
      group.replacing = true;
      note(context.world, context.now, name, `rolling update to ${lastPart(group.version)}`);
    }
    settleGroup(context.world, name, context.now);
    return outputsOf(id, inputs, group);
  },

  remove({ world }, id) {
    removeGroup(world, lastPart(id));
  },
};

/** `gcp:compute/getRegionInstanceGroupManager:getRegionInstanceGroupManager`: a group as it is, whoever made it. */
export function describeManager(world: World, { name }: Properties): Properties {
  const group = world.groups[String(name)];
  if (group === undefined) throw gcpError(404, `The resource '${name}' was not found`, "notFound");
  return { name, targetSize: group.desired };
}

/** The surge of a regional group is none, or one a zone and more. */
function checkUpdatePolicy({ updatePolicy = { type: "OPPORTUNISTIC" }, distributionPolicyZones }: Inputs): void {
  const zones = distributionPolicyZones?.length ?? 3;
  for (const key of ["maxSurgeFixed", "maxUnavailableFixed"] as const) {
    const value = updatePolicy[key];
    if (value !== undefined && value !== 0 && value < zones)
      throw invalid(
        `resource.updatePolicy.${key}`,
        `'${value}'. Must be equal to 0 or at least the number of zones, ${zones}.`,
      );
  }
  if (updatePolicy.maxSurgeFixed === 0 && updatePolicy.maxUnavailableFixed === 0)
    throw invalid("resource.updatePolicy", "maxSurge and maxUnavailable cannot both be 0.");
}

/** What new machines are started from, what one of them has, and how they take the place of others. */
function describe({ world }: Context, group: ScaledGroup, { versions, updatePolicy }: Inputs): void {
  if (versions.length !== 1) throw new Error(`expected one version, which is simulated, found ${versions.length}`);
  const [{ instanceTemplate }] = versions;
  const template = world.resources[instanceTemplate];
  if (template === undefined) throw gcpError(404, `The resource '${instanceTemplate}' was not found`, "notFound");
  group.version = instanceTemplate;
  group.cores = vcpus(String(template.inputs.machineType));
  delete group.surge;
  if (updatePolicy?.maxSurgeFixed) group.surge = updatePolicy.maxSurgeFixed;
}

function outputsOf(id: string, inputs: Inputs, group: ScaledGroup): Properties {
  return {
    ...inputs,
    name: lastPart(id),
    selfLink: id,
    instanceGroup: id.replace("instanceGroupManagers", "instanceGroups"),
    targetSize: group.desired,
  };
}
