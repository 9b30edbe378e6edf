import type { Capacity } from "../../../model/capacity.ts";
import type { Catalogue } from "../../../model/catalogue.ts";
import type { InstanceType } from "../decide.port.ts";

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;

/**
 * The types of a catalogue that a workload's replicas may be: those of the architecture of its present one, machines where the capacity
 * file names an instance type, container sizes where it gives CPU and memory. Empty where the present one is not in the catalogue.
 */
export function typesFor(catalogue: Catalogue, { perReplica }: Capacity): Readonly<Record<string, InstanceType>> {
  const container = perReplica.instance === undefined;
  const all = offers(catalogue).filter(({ type }) => (type.container === true) === container);
  const types = Object.fromEntries(all.map(({ name, type }) => [name, type]));
  const present = presentType(perReplica, types);
  const architecture = all.find(({ name }) => name === present)?.architecture;
  return Object.fromEntries(
    all.filter((offer) => offer.architecture === architecture).map(({ name, type }) => [name, type]),
  );
}

/** The name, in the catalogue, of what a replica is at present: its instance type, or the container size with its CPU and memory. */
export function presentType(
  { instance, cpu, memory }: Capacity["perReplica"],
  types: Readonly<Record<string, InstanceType>> = {},
): string | undefined {
  if (instance !== undefined) return Object.hasOwn(types, instance) ? instance : undefined;
  if (cpu === undefined || memory === undefined) return undefined;
  return Object.keys(types).find(
    (name) => types[name].container === true && types[name].cpu === cpu && types[name].memory === memory,
  );
}

interface Offer {
  readonly name: string;
  readonly architecture: string;
  readonly type: InstanceType;
}

/** All that a catalogue offers. */
export function offers({ types, grids }: Catalogue): Offer[] {
  const found: Offer[] = Object.entries(types).map(([name, one]) => {
    const { cpu, memory, disk, iops, network, price, architecture } = one;
    return {
      name,
      architecture,
      type: {
        cpu,
        memory,
        pricePerHour: price,
        ...(disk === undefined ? {} : { disk }),
        ...(iops === undefined ? {} : { iops }),
        ...(network === undefined ? {} : { network }),
      },
    };
  });
  for (const { kind, name, architecture, price, sizes } of grids)
    for (const { cpu, memory: memories } of sizes)
      for (const memory of memories)
        found.push({
          name: `${name}-${cpu}-${memory / MIB}`,
          architecture,
          type: {
            cpu,
            memory,
            pricePerHour: cpu * price.cpu + (memory / GIB) * price.memoryGiB,
            ...(kind === "container" ? { container: true as const } : {}),
          },
        });
  return found;
}
