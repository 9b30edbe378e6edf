import type { Permissions } from "../permissions.port.ts";

/** The provider waits for the operation that a change begins; a change takes the use of the group that is scaled. */
const change = (permission: string) => [
  permission,
  "compute.instanceGroupManagers.use",
  "compute.regionOperations.get",
];

/** Of the resource of a capacity stack, by the reference of the Compute Engine API (`regionAutoscalers`: `get`, `insert`, `update`, `delete`). */
export const permissions: Permissions = {
  types: {
    "gcp:compute/regionAutoscaler:RegionAutoscaler": {
      create: [...change("compute.autoscalers.create"), "compute.autoscalers.get"],
      read: ["compute.autoscalers.get"],
      update: [...change("compute.autoscalers.update"), "compute.autoscalers.get"],
      delete: change("compute.autoscalers.delete"),
    },
  },
  functions: {},
};
