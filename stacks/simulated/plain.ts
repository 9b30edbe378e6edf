import type { ResourceRules } from "./resource-rules.port.ts";
import { nextId, type Properties } from "./world.ts";

/**
 * A type that keeps what it is given and does nothing by itself.
 *
 * @param outputs what the cloud adds
 */
export function plain(
  prefix: string,
  {
    replaces = [],
    outputs = () => ({}),
  }: { replaces?: string[]; outputs?: (id: string, inputs: Properties) => Properties } = {},
): ResourceRules {
  return {
    replaces,
    create({ world }, inputs) {
      const id = nextId(world, prefix);
      return { id, outputs: { ...inputs, ...outputs(id, inputs) } };
    },
    update: (_context, id, _resource, inputs) => ({ ...inputs, ...outputs(id, inputs) }),
  };
}
