/** What a provider does with a resource. */
export type Operation = "create" | "read" | "update" | "delete";

/**
 * The permissions that each call of a cloud's provider takes, by resource type and by function: those of the API methods that it calls, as the cloud
 * documents them. Types that are not named are not recorded.
 */
export interface Permissions {
  readonly types: { readonly [type: string]: Readonly<Record<Operation, readonly string[]>> };
  readonly functions: { readonly [token: string]: readonly string[] };
}
