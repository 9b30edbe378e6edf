import type { Permissions } from "../permissions.port.ts";

const READ = "Microsoft.Insights/AutoscaleSettings/Read";
const WRITE = "Microsoft.Insights/AutoscaleSettings/Write";

/**
 * Of the resource of a capacity stack, by Azure's list of resource provider operations (Microsoft.Insights). The provider looks whether a setting is
 * there before it makes one.
 */
export const permissions: Permissions = {
  types: {
    "azure-native:monitor:AutoscaleSetting": {
      create: [READ, WRITE],
      read: [READ],
      update: [WRITE],
      delete: ["Microsoft.Insights/AutoscaleSettings/Delete"],
    },
  },
  functions: {},
};
