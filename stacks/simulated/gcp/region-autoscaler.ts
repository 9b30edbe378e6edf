import type { Context, ResourceRules } from "../resource-rules.port.ts";
import { holdFloors, resize } from "../scaled-group.ts";
import type { Properties, World } from "../world.ts";
import { settleGroup, surroundings } from "../world-file.ts";
import { gcpError, invalid } from "./gcp-error.ts";
import { parseSchedule } from "./schedule.ts";
import { lastPart, pathOf } from "./self-link.ts";

interface Schedule {
  readonly name: string;
  readonly minRequiredReplicas: number;
  readonly schedule: string;
  readonly timeZone?: string;
  readonly durationSec: number;
}

interface Policy {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly cpuUtilization?: { readonly target: number };
  readonly scalingSchedules?: readonly Schedule[];
}

interface Inputs extends Properties {
  readonly name?: string;
  readonly target: string;
  readonly autoscalingPolicy: Policy;
}

/**
 * `gcp:compute/regionAutoscaler:RegionAutoscaler` on CPU, with scaling schedules: the floor is the greatest of the minimum and of the schedules that
 * hold, at most the maximum. A schedule that is over stays, without effect (Compute Engine, scaling based on schedules).
 */
export const regionAutoscaler: ResourceRules = {
  replaces: ["name", "region", "target"],

  create(context, properties, resource) {
    const inputs = properties as Inputs;
    const { floors } = groupOf(context.world, inputs);
    if (floors !== undefined)
      throw gcpError(400, `'${inputs.target}' already has an autoscaler`, "resourceInUseByAnotherResource");
    apply(context, inputs);
    const id = pathOf("autoscalers", inputs, inputs.name ?? `${resource}-simulated`);
    return { id, outputs: outputsOf(id, inputs) };
  },

  read({ world }, _id, { inputs }) {
    const { target, autoscalingPolicy } = inputs as Inputs;
    const group = world.groups[lastPart(target)];
    if (group?.floors === undefined) return undefined;
    return { autoscalingPolicy: { ...autoscalingPolicy, minReplicas: group.floors.base, maxReplicas: group.max } };
  },

  update(context, id, _resource, properties) {
    apply(context, properties as Inputs);
    return outputsOf(id, properties as Inputs);
  },

  remove({ world }, _id, { inputs }) {
    const group = world.groups[lastPart((inputs as Inputs).target)];
    if (group === undefined) return;
    delete group.floors;
    delete group.target;
    group.min = group.max = group.desired;
  },
};

function groupOf(world: World, { target }: Inputs) {
  const group = world.groups[lastPart(target)];
  if (group === undefined) throw gcpError(404, `The resource '${target}' was not found`, "notFound");
  return group;
}

function apply({ world, now }: Context, inputs: Inputs): void {
  const group = groupOf(world, inputs);
  const { minReplicas, maxReplicas, cpuUtilization, scalingSchedules = [] } = inputs.autoscalingPolicy;
  const { schedules: most, leastSchedule } = world.rules;
  if (minReplicas > maxReplicas)
    throw invalid(
      "resource.autoscalingPolicy.minNumReplicas",
      `'${minReplicas}'. Must not be greater than ${maxReplicas}.`,
    );
  if (cpuUtilization === undefined)
    throw invalid(
      "resource.autoscalingPolicy",
      "schedules need another signal beside them, and that on CPU is the one that is simulated.",
    );
  if (scalingSchedules.length > most)
    throw invalid(
      "resource.autoscalingPolicy.scalingSchedules",
      `${scalingSchedules.length} schedules. Must be at most ${most}.`,
    );
  const windows = scalingSchedules.map((one) => {
    if (one.durationSec < leastSchedule)
      throw invalid(
        `resource.autoscalingPolicy.scalingSchedules[${one.name}].durationSec`,
        `'${one.durationSec}'. Must be at least ${leastSchedule}.`,
      );
    if (one.timeZone !== undefined && one.timeZone !== "UTC")
      throw new Error(`expected the time zone UTC, which is simulated, found ${one.timeZone}`);
    return { name: one.name, min: one.minRequiredReplicas, ...parseSchedule(one) };
  });
  if (new Set(windows.map(({ name }) => name)).size < windows.length)
    throw invalid("resource.autoscalingPolicy.scalingSchedules", "names must differ.");
  group.target = cpuUtilization.target;
  group.floors = { base: minReplicas, windows };
  group.max = maxReplicas;
  const name = lastPart(inputs.target);
  holdFloors(group, now, surroundings(world, name));
  resize(group, { max: maxReplicas });
  settleGroup(world, name, now);
}

function outputsOf(id: string, inputs: Inputs): Properties {
  return { ...inputs, name: lastPart(id), selfLink: id };
}
