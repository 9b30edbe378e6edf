import type { ResourceRules } from "../resource-rules.port.ts";
import type { Properties, World } from "../world.ts";
import { arn, awsError } from "./aws-error.ts";

interface Inputs extends Properties {
  readonly autoscalingGroupName: string;
  readonly scheduledActionName: string;
  readonly startTime?: string;
  readonly recurrence?: string;
  readonly minSize?: number;
  readonly maxSize?: number;
  readonly desiredCapacity?: number;
}

const OPERATION = "PutScheduledUpdateGroupAction";
const refused = (message: string) => awsError("Auto Scaling", OPERATION, "ValidationError", message);

/**
 * `aws:autoscaling/schedule:Schedule`: a one-time action lies in the future, is alone at its time, happens and is gone; a group has at most
 * 125 (Amazon EC2 Auto Scaling User Guide, scheduled scaling). Sizes of -1 stay as they are (the provider's documentation).
 */
export const groupSchedule: ResourceRules = {
  replaces: ["autoscalingGroupName", "scheduledActionName"],

  create({ world, now }, properties) {
    const inputs = properties as Inputs;
    const { autoscalingGroupName: group, scheduledActionName: name } = inputs;
    const others = schedulesOf(world, group).filter((one) => one.name !== name);
    if (others.length >= world.rules.schedules)
      throw awsError(
        "Auto Scaling",
        OPERATION,
        "LimitExceeded",
        `Scheduled action limit of ${world.rules.schedules} exceeded`,
      );
    put(world, now, inputs);
    return { id: `${group}/${name}`, outputs: outputsOf(inputs) };
  },

  /** Gone once it has happened. */
  read({ world }, _id, { inputs }) {
    const { autoscalingGroupName, scheduledActionName } = inputs as Inputs;
    const there = world.groups[autoscalingGroupName]?.schedules.some(({ name }) => name === scheduledActionName);
    return there === true ? {} : undefined;
  },

  update({ world, now }, _id, _resource, properties) {
    put(world, now, properties as Inputs);
    return outputsOf(properties as Inputs);
  },

  remove: ({ world }, _id, { inputs }) => remove(world, inputs as Inputs),
};

function schedulesOf(world: World, name: string) {
  const group = world.groups[name];
  if (group === undefined) throw refused(`AutoScalingGroup name not found - ${name}`);
  return group.schedules;
}

function put(world: World, now: number, inputs: Inputs): void {
  const { startTime, recurrence, scheduledActionName: name, autoscalingGroupName } = inputs;
  if (recurrence !== undefined || startTime === undefined)
    throw new Error("a recurring schedule is not simulated: expected startTime and no recurrence");
  const at = Date.parse(startTime) / 1000;
  if (!(at > now)) throw refused("Given start time is in the past");
  // An action by a name that there is already takes the place of the former one.
  remove(world, inputs);
  const schedules = schedulesOf(world, autoscalingGroupName);
  if (schedules.some((one) => one.at === at)) throw refused("There is already a scheduled action at this time");
  const [min, max, desired] = [inputs.minSize ?? 0, inputs.maxSize ?? 0, inputs.desiredCapacity ?? 0].map((size) =>
    size === -1 ? undefined : size,
  );
  if (min !== undefined && max !== undefined && min > max) throw refused("Min size must not be greater than max size");
  schedules.push({ name, at, min, max, desired });
}

function remove(world: World, { autoscalingGroupName, scheduledActionName }: Inputs): void {
  const group = world.groups[autoscalingGroupName];
  if (group !== undefined) group.schedules = group.schedules.filter(({ name }) => name !== scheduledActionName);
}

function outputsOf(inputs: Inputs): Properties {
  const { autoscalingGroupName: group, scheduledActionName: name } = inputs;
  return { ...inputs, arn: arn("autoscaling", `scheduledUpdateGroupAction:${group}/${name}`) };
}
