import type { ResourceRules } from "../resource-rules.port.ts";
import { nextId, type Properties } from "../world.ts";
import { arn, awsError } from "./aws-error.ts";

interface Inputs extends Properties {
  readonly size: number;
  readonly type?: string;
  readonly iops?: number;
  readonly throughput?: number;
}

/** Limits of gp3 (Amazon EBS User Guide, general-purpose SSD volumes): GiB, operations a second, MiB a second. */
const GP3 = { size: [1, 65_536], iops: [3000, 80_000], throughput: [125, 2000] } as const;
/** Operations a second a GiB, and MiB a second an operation a second. */
const IOPS_PER_GIB = 500;
const THROUGHPUT_PER_IOPS = 0.25;

/**
 * `aws:ebs/volume:Volume`: grows and never shrinks, and is modified seldom (ModifyVolume). The space between two modifications was six hours
 * in older text: the world's rules have it.
 */
export const ebsVolume: ResourceRules = {
  replaces: ["availabilityZone", "encrypted", "kmsKeyId", "snapshotId"],

  check(properties) {
    const { type, size, iops = GP3.iops[0], throughput = GP3.throughput[0] } = properties as Inputs;
    if (type !== "gp3") return [{ property: "type", reason: `expected gp3, which is simulated, found ${type}` }];
    const failures = [];
    for (const [property, value] of Object.entries({ size, iops, throughput })) {
      const [least, most] = GP3[property as keyof typeof GP3];
      if (!Number.isInteger(value) || value < least || value > most)
        failures.push({ property, reason: `expected ${least} to ${most} for gp3, found ${value}` });
    }
    if (iops > Math.max(GP3.iops[0], size * IOPS_PER_GIB))
      failures.push({
        property: "iops",
        reason: `expected at most ${IOPS_PER_GIB} a GiB, found ${iops} for ${size} GiB`,
      });
    if (throughput > iops * THROUGHPUT_PER_IOPS)
      failures.push({
        property: "throughput",
        reason: `expected at most ${THROUGHPUT_PER_IOPS} MiB/s an operation a second, found ${throughput} for ${iops}`,
      });
    return failures;
  },

  create({ world }, inputs) {
    const id = nextId(world, "vol");
    return { id, outputs: outputsOf(id, inputs) };
  },

  update({ world, now }, id, resource, properties) {
    const inputs = properties as Inputs;
    const olds = resource.inputs as Inputs;
    if (inputs.size < olds.size)
      throw awsError(
        "EC2",
        "ModifyVolume",
        "InvalidParameterValue",
        `New size cannot be smaller than existing size: ${olds.size} GiB, found ${inputs.size} GiB`,
      );
    const modification = (["size", "iops", "throughput", "type"] as const).some((key) => olds[key] !== inputs[key]);
    if (modification) {
      const last = resource.modified.at(-1);
      if (last !== undefined && now - last < world.rules.diskModificationGap)
        throw awsError(
          "EC2",
          "ModifyVolume",
          "VolumeModificationRateExceeded",
          `You've reached the maximum modification rate per volume limit. Wait at least ${Math.ceil((world.rules.diskModificationGap - (now - last)) / 60)} minutes before modifying the volume again`,
        );
      world.resources[id] = { ...resource, modified: [...resource.modified, now] };
    }
    return outputsOf(id, inputs);
  },
};

function outputsOf(id: string, inputs: Properties): Properties {
  return { iops: GP3.iops[0], throughput: GP3.throughput[0], ...inputs, arn: arn("ec2", `volume/${id}`) };
}
