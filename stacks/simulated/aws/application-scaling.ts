import type { ResourceRules } from "../resource-rules.port.ts";
import { resize } from "../scaled-group.ts";
import type { Properties, World } from "../world.ts";
import { arn, awsError } from "./aws-error.ts";

interface TargetInputs extends Properties {
  readonly resourceId: string;
  readonly minCapacity: number;
  readonly maxCapacity: number;
}

function groupOf(world: World, resourceId: string, operation: string) {
  const group = world.groups[resourceId];
  if (group === undefined)
    throw awsError(
      "Application Auto Scaling",
      operation,
      "ValidationException",
      `ECS service doesn't exist: ${resourceId}`,
    );
  return group;
}

/** `aws:appautoscaling/target:Target`: the bounds of a service, which its count is brought within. */
export const scalableTarget: ResourceRules = {
  replaces: ["resourceId", "scalableDimension", "serviceNamespace"],

  create({ world }, properties) {
    register(world, properties as TargetInputs);
    const { resourceId } = properties as TargetInputs;
    return { id: resourceId, outputs: { ...properties, arn: arn("application-autoscaling", resourceId) } };
  },

  read({ world }, _id, { inputs }) {
    const group = world.groups[(inputs as TargetInputs).resourceId];
    return group === undefined ? undefined : { minCapacity: group.min, maxCapacity: group.max };
  },

  update({ world }, id, _resource, properties) {
    register(world, properties as TargetInputs);
    return { ...properties, arn: arn("application-autoscaling", id) };
  },
};

function register(world: World, { resourceId, minCapacity, maxCapacity }: TargetInputs): void {
  const group = groupOf(world, resourceId, "RegisterScalableTarget");
  if (minCapacity > maxCapacity)
    throw awsError(
      "Application Auto Scaling",
      "RegisterScalableTarget",
      "ValidationException",
      "Maximum capacity cannot be less than minimum capacity",
    );
  resize(group, { min: minCapacity, max: maxCapacity });
}

interface PolicyInputs extends Properties {
  readonly resourceId: string;
  readonly name?: string;
  readonly policyType?: string;
  readonly targetTrackingScalingPolicyConfiguration?: { readonly targetValue: number };
}

/** `aws:appautoscaling/policy:Policy` of target tracking on CPU. */
export const scalablePolicy: ResourceRules = {
  replaces: ["resourceId", "name", "scalableDimension", "serviceNamespace"],

  create({ world }, properties, name) {
    track(world, properties as PolicyInputs);
    const id = (properties as PolicyInputs).name ?? `${name}-simulated`;
    return { id, outputs: { ...properties, name: id, arn: arn("application-autoscaling", `policy/${id}`) } };
  },

  update({ world }, id, _resource, properties) {
    track(world, properties as PolicyInputs);
    return { ...properties, name: id, arn: arn("application-autoscaling", `policy/${id}`) };
  },

  remove({ world }, _id, { inputs }) {
    delete world.groups[(inputs as PolicyInputs).resourceId]?.target;
  },
};

function track(world: World, inputs: PolicyInputs): void {
  const { resourceId, policyType, targetTrackingScalingPolicyConfiguration: tracking } = inputs;
  if (policyType !== "TargetTrackingScaling" || tracking === undefined)
    throw new Error(`expected policyType TargetTrackingScaling, which is simulated, found ${policyType}`);
  groupOf(world, resourceId, "PutScalingPolicy").target = tracking.targetValue / 100;
}

interface ActionInputs extends Properties {
  readonly name: string;
  readonly resourceId: string;
  readonly schedule: string;
  readonly scalableTargetAction: { readonly minCapacity?: number; readonly maxCapacity?: number };
}

/** `aws:appautoscaling/scheduledAction:ScheduledAction` of the form `at(…)`: happens once, and is gone. */
export const scheduledAction: ResourceRules = {
  replaces: ["name", "resourceId", "scalableDimension", "serviceNamespace"],

  create({ world, now }, properties) {
    const inputs = properties as ActionInputs;
    put(world, now, inputs);
    const id = `${inputs.name}-${inputs.resourceId}`;
    return { id, outputs: { ...inputs, arn: arn("autoscaling", `scheduledAction:${id}`) } };
  },

  read({ world }, _id, { inputs }) {
    const { name, resourceId } = inputs as ActionInputs;
    return world.groups[resourceId]?.schedules.some((step) => step.name === name) ? {} : undefined;
  },

  update({ world, now }, id, { inputs: olds }, properties) {
    drop(world, olds as ActionInputs);
    put(world, now, properties as ActionInputs);
    return { ...properties, arn: arn("autoscaling", `scheduledAction:${id}`) };
  },

  remove: ({ world }, _id, { inputs }) => drop(world, inputs as ActionInputs),
};

function put(world: World, now: number, { name, resourceId, schedule, scalableTargetAction }: ActionInputs): void {
  const group = groupOf(world, resourceId, "PutScheduledAction");
  const at = Date.parse(`${/^at\((.+)\)$/.exec(schedule)?.[1]}Z`) / 1000;
  const refused = (message: string) =>
    awsError("Application Auto Scaling", "PutScheduledAction", "ValidationException", message);
  if (Number.isNaN(at)) throw refused(`expected at(yyyy-mm-ddThh:mm:ss), which is simulated, found ${schedule}`);
  if (at <= now) throw refused("The schedule cannot be in the past");
  if (group.schedules.length >= world.rules.schedules)
    throw awsError(
      "Application Auto Scaling",
      "PutScheduledAction",
      "LimitExceededException",
      "Too many scheduled actions",
    );
  group.schedules.push({ name, at, min: scalableTargetAction.minCapacity, max: scalableTargetAction.maxCapacity });
}

function drop(world: World, { name, resourceId }: ActionInputs): void {
  const group = world.groups[resourceId];
  if (group !== undefined) group.schedules = group.schedules.filter((step) => step.name !== name);
}
