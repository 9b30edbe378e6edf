import type { Context, ResourceRules } from "../resource-rules.port.ts";
import { newGroup, resize, type ScaledGroup } from "../scaled-group.ts";
import { note, type Properties, type World } from "../world.ts";
import { removeGroup, settleGroup } from "../world-file.ts";
import { arn, awsError } from "./aws-error.ts";
import { vcpus } from "./instance-sizes.ts";

interface Inputs extends Properties {
  readonly name?: string;
  readonly minSize: number;
  readonly maxSize: number;
  readonly desiredCapacity?: number;
  readonly launchTemplate?: { readonly id?: string; readonly version?: string };
  readonly instanceRefresh?: unknown;
  /** Subnets, each of which is in a zone. */
  readonly vpcZoneIdentifiers?: readonly string[];
}

const failed = (operation: string, message: string) =>
  awsError("Auto Scaling", operation, "ValidationError", `${message}`);

/**
 * `aws:autoscaling/group:Group`, by the documentation of UpdateAutoScalingGroup (minimum at most maximum, a desired capacity within both,
 * a count that follows the bounds) and of instance refresh (machines of another template version are replaced, a tenth at a time).
 */
export const autoScalingGroup: ResourceRules = {
  replaces: ["name", "namePrefix"],
  volatile: ["desiredCapacity"],

  create(context, properties, name) {
    const inputs = properties as Inputs;
    const id = inputs.name ?? `${name}-simulated`;
    if (context.world.groups[id] !== undefined)
      throw awsError(
        "Auto Scaling",
        "CreateAutoScalingGroup",
        "AlreadyExists",
        `AutoScalingGroup by this name already exists - ${id}`,
      );
    checkSizes("CreateAutoScalingGroup", inputs);
    const { minSize: min, maxSize: max, desiredCapacity: desired = min } = inputs;
    const group = newGroup({ min, max, desired });
    describe(context, group, inputs);
    context.world.groups[id] = group;
    settleGroup(context.world, id, context.now);
    return { id, outputs: outputsOf(id, inputs, group) };
  },

  read({ world }, id, { inputs }) {
    const group = world.groups[id];
    if (group === undefined) return undefined;
    return {
      minSize: group.min,
      maxSize: group.max,
      ...(inputs.desiredCapacity === undefined ? {} : { desiredCapacity: group.desired }),
    };
  },

  update(context, id, { inputs: olds }, properties) {
    const inputs = properties as Inputs;
    checkSizes("UpdateAutoScalingGroup", inputs);
    const group = context.world.groups[id];
    resize(group, { min: inputs.minSize, max: inputs.maxSize, desired: inputs.desiredCapacity });
    const former = group.version;
    describe(context, group, inputs);
    const changed = JSON.stringify(olds.launchTemplate) !== JSON.stringify(inputs.launchTemplate);
    if (changed && former !== group.version && inputs.instanceRefresh !== undefined) {
      group.replacing = true;
      note(context.world, context.now, id, `instance refresh to version ${group.version}`);
    }
    settleGroup(context.world, id, context.now);
    return outputsOf(id, inputs, group);
  },

  remove({ world }, id) {
    removeGroup(world, id);
  },
};

/** `aws:autoscaling/getGroup:getGroup`: a group as it is, whoever made it. */
export function describeGroup(world: World, { name }: Properties): Properties {
  const group = world.groups[String(name)];
  if (group === undefined)
    throw failed("DescribeAutoScalingGroups", `expected a group of the name ${name}, found none`);
  const { tags, mixedInstancesPolicy } = world.resources[String(name)]?.inputs ?? {};
  return {
    id: name,
    name,
    minSize: group.min,
    maxSize: group.max,
    desiredCapacity: group.desired,
    tags: tags ?? (group.tags ?? []).map((key) => ({ key, value: "", propagateAtLaunch: true })),
    mixedInstancesPolicies: mixedInstancesPolicy === undefined ? [] : [mixedInstancesPolicy],
  };
}

function checkSizes(operation: string, { minSize, maxSize, desiredCapacity }: Inputs): void {
  if (minSize > maxSize)
    throw failed(operation, `Max bound, ${maxSize}, must be greater than or equal to min bound, ${minSize}`);
  if (desiredCapacity !== undefined && (desiredCapacity < minSize || desiredCapacity > maxSize))
    throw failed(
      operation,
      `Desired capacity:${desiredCapacity} must be between the specified min size:${minSize} and max size:${maxSize}`,
    );
}

/** The version that new machines are started from, and what a machine of it has. */
function describe({ world }: Context, group: ScaledGroup, { launchTemplate, vpcZoneIdentifiers = [] }: Inputs): void {
  const template = world.resources[launchTemplate?.id ?? ""];
  if (template === undefined)
    throw awsError(
      "Auto Scaling",
      "UpdateAutoScalingGroup",
      "ValidationError",
      `The launch template ${launchTemplate?.id} does not exist`,
    );
  const { latestVersion, versions } = template.outputs as {
    latestVersion: number;
    versions: Record<string, Properties>;
  };
  const asked = launchTemplate?.version ?? "$Default";
  const version = asked.startsWith("$") ? String(latestVersion) : asked;
  const description = versions[version];
  if (description === undefined)
    throw failed(
      "UpdateAutoScalingGroup",
      `You must use a valid fully-formed launch template. Version ${version} does not exist`,
    );
  group.version = version;
  group.type = String(description.instanceType);
  group.cores = vcpus(group.type);
  const zones = vpcZoneIdentifiers.map((subnet) => String(world.resources[subnet]?.inputs.availabilityZone ?? subnet));
  if (zones.length > 0) group.zones = zones;
}

function outputsOf(id: string, inputs: Inputs, group: ScaledGroup): Properties {
  return { ...inputs, name: id, arn: arn("autoscaling", `autoScalingGroup/${id}`), desiredCapacity: group.desired };
}
