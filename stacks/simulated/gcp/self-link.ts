import type { ResourceRules } from "../resource-rules.port.ts";
import { nextId, type Properties } from "../world.ts";

/** The last part of a resource's path: `projects/simulated/regions/europe-west3/autoscalers/web` is `web`. */
export function lastPart(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The path of a resource of Compute Engine; its place is the zone or region that it is given, else the whole project. */
export function pathOf(collection: string, inputs: Properties, name: string): string {
  const { project = "simulated", zone, region } = inputs;
  const place = zone !== undefined ? `zones/${zone}` : region !== undefined ? `regions/${region}` : "global";
  return `projects/${project}/${place}/${collection}/${name}`;
}

/** A type of Compute Engine that keeps what it is given and does nothing by itself. */
export function linked(
  collection: string,
  replaces: readonly string[] = [],
  outputs: (name: string) => Properties = () => ({}),
): ResourceRules {
  const described = (inputs: Properties, name: string) => ({
    ...inputs,
    name,
    selfLink: pathOf(collection, inputs, name),
    ...outputs(name),
  });
  return {
    replaces: ["name", ...replaces],
    create({ world }, inputs) {
      const name = String(inputs.name ?? nextId(world, collection.toLowerCase()));
      return { id: pathOf(collection, inputs, name), outputs: described(inputs, name) };
    },
    update: (_context, id, _resource, inputs) => described(inputs, lastPart(id)),
  };
}
