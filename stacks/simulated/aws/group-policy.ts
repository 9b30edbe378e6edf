import type { ResourceRules } from "../resource-rules.port.ts";
import type { Properties, World } from "../world.ts";
import { arn, awsError } from "./aws-error.ts";

interface Inputs extends Properties {
  readonly autoscalingGroupName: string;
  readonly policyType?: string;
  readonly targetTrackingConfiguration?: { readonly targetValue: number };
}

/** `aws:autoscaling/policy:Policy` of target tracking on CPU: the group's own autoscaler. */
export const groupPolicy: ResourceRules = {
  replaces: ["autoscalingGroupName", "name"],

  create({ world }, properties, name) {
    const inputs = properties as Inputs;
    apply(world, inputs);
    const id = String(inputs.name ?? `${name}-simulated`);
    return { id, outputs: outputsOf(id, inputs) };
  },

  update({ world }, id, _resource, properties) {
    apply(world, properties as Inputs);
    return outputsOf(id, properties as Inputs);
  },

  remove({ world }, _id, { inputs }) {
    delete world.groups[(inputs as Inputs).autoscalingGroupName]?.target;
  },
};

function apply(world: World, { autoscalingGroupName, policyType, targetTrackingConfiguration }: Inputs): void {
  const group = world.groups[autoscalingGroupName];
  if (group === undefined)
    throw awsError("Auto Scaling", "PutScalingPolicy", "ValidationError", `Group ${autoscalingGroupName} not found`);
  if (policyType !== "TargetTrackingScaling" || targetTrackingConfiguration === undefined)
    throw new Error(`expected policyType TargetTrackingScaling, which is simulated, found ${policyType}`);
  group.target = targetTrackingConfiguration.targetValue / 100;
}

function outputsOf(id: string, inputs: Inputs): Properties {
  return { ...inputs, name: id, arn: arn("autoscaling", `scalingPolicy/${id}`) };
}
