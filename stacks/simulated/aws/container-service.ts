import type { Context, ResourceRules } from "../resource-rules.port.ts";
import { newGroup, resize, type ScaledGroup } from "../scaled-group.ts";
import type { Properties } from "../world.ts";
import { removeGroup, settleGroup } from "../world-file.ts";
import { arn, awsError } from "./aws-error.ts";

interface Inputs extends Properties {
  readonly name?: string;
  readonly cluster: string;
  readonly taskDefinition: string;
  readonly desiredCount?: number;
}

/** Nothing bounds a service until it is registered as a scalable target. */
const UNBOUNDED = 5000;
const UNITS_PER_CORE = 1024;

/**
 * `aws:ecs/service:Service`: as many tasks as desired, and a rolling deployment when the task definition is another. A count that is left out
 * goes to nought, as with the provider.
 */
export const containerService: ResourceRules = {
  replaces: ["name", "cluster", "launchType"],

  create(context, properties, name) {
    const inputs = properties as Inputs;
    const cluster = String(context.world.resources[inputs.cluster]?.outputs.name ?? inputs.cluster);
    const service = inputs.name ?? `${name}-simulated`;
    const key = `service/${cluster}/${service}`;
    const group = newGroup({ min: 0, max: UNBOUNDED, desired: inputs.desiredCount ?? 0 });
    context.world.groups[key] = group;
    run(context, key, group, inputs);
    return { id: arn("ecs", key), outputs: { ...inputs, name: service, id: arn("ecs", key), resourceId: key } };
  },

  read({ world }, _id, { inputs, outputs }) {
    const group = world.groups[String(outputs.resourceId)];
    if (group === undefined) return undefined;
    return (inputs as Inputs).desiredCount === undefined ? {} : { desiredCount: group.desired };
  },

  update(context, id, { outputs }, properties) {
    const inputs = properties as Inputs;
    const key = String(outputs.resourceId);
    const group = context.world.groups[key];
    resize(group, { desired: inputs.desiredCount ?? 0 });
    run(context, key, group, inputs);
    return { ...inputs, name: outputs.name, id, resourceId: key };
  },

  remove({ world }, _id, { outputs }) {
    removeGroup(world, String(outputs.resourceId));
  },
};

function run(context: Context, key: string, group: ScaledGroup, { taskDefinition }: Inputs): void {
  const definition = context.world.resources[taskDefinition];
  if (definition === undefined)
    throw awsError("ECS", "UpdateService", "ClientException", `Unable to find task definition ${taskDefinition}`);
  group.replacing ||= group.version !== "" && group.version !== taskDefinition;
  group.version = taskDefinition;
  group.cores = Number(definition.inputs.cpu) / UNITS_PER_CORE;
  settleGroup(context.world, key, context.now);
}
