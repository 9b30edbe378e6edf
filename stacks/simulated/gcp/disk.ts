import type { ResourceRules } from "../resource-rules.port.ts";
import type { Properties } from "../world.ts";
import { gcpError } from "./gcp-error.ts";
import { linked } from "./self-link.ts";

interface Inputs extends Properties {
  readonly size: number;
  readonly type?: string;
  readonly provisionedIops?: number;
  readonly provisionedThroughput?: number;
}

/** Limits of Hyperdisk Balanced (Compute Engine, about Hyperdisk Balanced): GiB, operations a second, MiB a second. */
const SIZE = [4, 65_536] as const;
const IOPS = [3000, 160_000] as const;
const THROUGHPUT = [140, 2400] as const;
/** Operations a second a GiB, and operations a second a MiB a second. */
const IOPS_PER_GIB = 500;
const IOPS_PER_THROUGHPUT = [4, 256] as const;

const kept = linked("disks", ["zone", "type", "image", "snapshot"]);

/** `gcp:compute/disk:Disk` of Hyperdisk Balanced: grows in place, is made anew where it is to shrink, and is modified once in four hours. */
export const disk: ResourceRules = {
  ...kept,

  alsoReplaces: (olds, news) => ((news as Inputs).size < (olds as Inputs).size ? ["size"] : []),

  check(properties) {
    const { type, size, provisionedIops = IOPS[0], provisionedThroughput = THROUGHPUT[0] } = properties as Inputs;
    if (type !== "hyperdisk-balanced")
      return [{ property: "type", reason: `expected hyperdisk-balanced, which is simulated, found ${type}` }];
    const failures: { property: string; reason: string }[] = [];
    const within = (property: string, value: number, least: number, most: number) => {
      if (!Number.isInteger(value) || value < least || value > most)
        failures.push({ property, reason: `expected ${least} to ${most} for ${size} GiB, found ${value}` });
    };
    const [fewest, most] = IOPS_PER_THROUGHPUT;
    within("size", size, ...SIZE);
    within(
      "provisionedIops",
      provisionedIops,
      Math.min(IOPS[0], size * IOPS_PER_GIB),
      Math.min(IOPS[1], size * IOPS_PER_GIB),
    );
    within(
      "provisionedThroughput",
      provisionedThroughput,
      Math.max(THROUGHPUT[0], Math.ceil(provisionedIops / most)),
      Math.max(THROUGHPUT[0], Math.min(THROUGHPUT[1], Math.floor(provisionedIops / fewest))),
    );
    return failures;
  },

  update(context, id, resource, properties) {
    const { world, now } = context;
    const [olds, news] = [resource.inputs as Inputs, properties as Inputs];
    if ((["size", "provisionedIops", "provisionedThroughput"] as const).some((key) => olds[key] !== news[key])) {
      const last = resource.modified.at(-1);
      const gap = world.rules.diskModificationGap;
      if (last !== undefined && now - last < gap)
        throw gcpError(
          400,
          `Disk '${id}' was modified ${Math.floor((now - last) / 60)} minutes ago; wait ${Math.ceil((gap - (now - last)) / 60)} minutes before it is modified again`,
          "resourceNotReady",
        );
      world.resources[id] = { ...resource, modified: [...resource.modified, now] };
    }
    return kept.update!(context, id, resource, properties);
  },
};
