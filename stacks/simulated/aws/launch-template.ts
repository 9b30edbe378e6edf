import type { ResourceRules } from "../resource-rules.port.ts";
import { nextId, type Properties } from "../world.ts";
import { arn } from "./aws-error.ts";
import { vcpus } from "./instance-sizes.ts";

/** `aws:ec2/launchTemplate:LaunchTemplate`: a change makes a new version, and no version ever changes. */
export const launchTemplate: ResourceRules = {
  replaces: ["name", "namePrefix"],
  volatile: ["latestVersion", "defaultVersion", "versions"],

  create({ world }, inputs) {
    vcpus(String(inputs.instanceType));
    const id = nextId(world, "lt");
    return { id, outputs: outputsOf(id, inputs, {}, 1) };
  },

  update(_context, id, { outputs }, inputs) {
    vcpus(String(inputs.instanceType));
    const { latestVersion, versions } = outputs as { latestVersion: number; versions: Record<string, Properties> };
    return outputsOf(id, inputs, versions, latestVersion + 1);
  },
};

function outputsOf(id: string, inputs: Properties, versions: Record<string, Properties>, version: number): Properties {
  return {
    ...inputs,
    name: inputs.name ?? id,
    arn: arn("ec2", `launch-template/${id}`),
    latestVersion: version,
    defaultVersion: inputs.updateDefaultVersion === true ? version : 1,
    versions: { ...versions, [version]: inputs },
  };
}
