import type { CheckFailure } from "@pulumi/pulumi/provider/index.js";
import type { Properties } from "./world.ts";

/** A value that is only known once another resource has been changed, as Pulumi passes it in a preview. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A provider as Pulumi's engine asks for it, previews included. */
export interface CloudProvider {
  readonly version: string;
  check(urn: string, news: Properties): { readonly inputs: Properties; readonly failures: readonly CheckFailure[] };
  /** Properties for whose sake the resource has to be replaced, and whether the new one can be there beside the former. */
  diff(
    urn: string,
    olds: Properties,
    news: Properties,
  ): { readonly replaces: readonly string[]; readonly deleteFirst: boolean };
  create(urn: string, inputs: Properties): Promise<{ readonly id: string; readonly outputs: Properties }>;
  /** What a change in place would lead to, as far as it is known before: `UNKNOWN` stands for the rest. */
  preview(urn: string, olds: Properties, news: Properties): Properties;
  update(id: string, urn: string, news: Properties): Promise<Properties>;
  /** `undefined` when it is gone. */
  read(
    id: string,
    urn: string,
    properties: Properties,
  ): Promise<{ readonly inputs: Properties; readonly outputs: Properties } | undefined>;
  delete(id: string, urn: string): Promise<void>;
  invoke(token: string, inputs: Properties): Promise<Properties>;
}
