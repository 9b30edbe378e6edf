import type { ResourceRules } from "../resource-rules.port.ts";
import type { Properties } from "../world.ts";

/** Where everything simulated is. */
export const SUBSCRIPTION = "/subscriptions/simulated";

/** What is common to Azure's resources: a name, and an identifier that follows from it and says that it is simulated. */
export function armIdentity(
  kind: string,
  inputs: Properties,
  name: string,
  nameProperty?: string,
): { readonly id: string; readonly name: string } {
  const given = inputs[nameProperty ?? ""];
  const own = typeof given === "string" ? given : `${name}-simulated`;
  return { id: `${SUBSCRIPTION}/resourceGroups/${inputs.resourceGroupName}/providers/${kind}/${own}`, name: own };
}

/**
 * A type that keeps what it is given and does nothing by itself.
 *
 * @param kind such as `Microsoft.Network/virtualNetworks`
 * @param outputs what Azure adds
 */
export function armResource(
  kind: string,
  nameProperty: string,
  outputs: (id: string, inputs: Properties) => Properties = () => ({}),
): ResourceRules {
  return {
    replaces: ["resourceGroupName", nameProperty, "location"],
    create(_context, inputs, logicalName) {
      const { id, name } = armIdentity(kind, inputs, logicalName, nameProperty);
      return { id, outputs: { ...inputs, name, ...outputs(id, inputs) } };
    },
    update: (_context, id, _resource, inputs) => ({ ...inputs, name: id.split("/").at(-1), ...outputs(id, inputs) }),
  };
}

/** Children that a resource is given by name, with identifiers below its own. */
export function children(id: string, kind: string, given: unknown): Properties[] {
  return ((given ?? []) as Properties[]).map((child) => ({ ...child, id: `${id}/${kind}/${child.name}` }));
}
