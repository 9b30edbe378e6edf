import type { Context, ResourceRules } from "../resource-rules.port.ts";
import type { Properties } from "../world.ts";
import { armIdentity } from "./arm-resource.ts";
import { type AutoscaleProfile, readProfiles } from "./autoscale-profiles.ts";
import { azureError } from "./azure-error.ts";

interface Inputs extends Properties {
  readonly targetResourceUri: string;
  readonly enabled?: boolean;
  readonly profiles: readonly AutoscaleProfile[];
}

/**
 * `azure-native:monitor:AutoscaleSetting`: a scale set's own autoscaler and its plan in one. What it asks for comes about at its next look, not
 * when it is set.
 */
export const autoscaleSetting: ResourceRules = {
  replaces: ["resourceGroupName", "autoscaleSettingName", "location", "targetResourceUri"],

  create(context, properties, logicalName) {
    const inputs = properties as Inputs;
    const { id, name } = armIdentity(
      "Microsoft.Insights/autoscaleSettings",
      inputs,
      logicalName,
      "autoscaleSettingName",
    );
    apply(context, inputs);
    return { id, outputs: { ...inputs, name } };
  },

  /** The bounds as they are, whoever has set them. */
  read({ world }, _id, { inputs }) {
    const { targetResourceUri, profiles } = inputs as Inputs;
    const group = world.groups[targetResourceUri];
    if (group?.profiles === undefined) return {};
    return {
      profiles: profiles.map((profile, i) => {
        const { min, max, fallback } = group.profiles![i];
        return {
          ...profile,
          capacity: { minimum: String(min), maximum: String(max), default: String(fallback) },
        };
      }),
    };
  },

  update(context, _id, { outputs }, properties) {
    apply(context, properties as Inputs);
    return { ...properties, name: outputs.name };
  },

  remove({ world }, _id, { inputs }) {
    const group = world.groups[(inputs as Inputs).targetResourceUri];
    if (group === undefined) return;
    delete group.profiles;
    delete group.scaledAt;
  },
};

function apply({ world }: Context, { targetResourceUri, enabled, profiles }: Inputs): void {
  const group = world.groups[targetResourceUri];
  if (group === undefined)
    throw azureError("ResourceNotFound", `The Resource '${targetResourceUri}' was not found.`, 404);
  const read = readProfiles(profiles);
  if (enabled === true) group.profiles = read;
  else delete group.profiles;
}
