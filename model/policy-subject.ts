import type { BoundResources } from "./bound-resources.ts";
import type { Constraints } from "./constraints.ts";

/** How a secret stands where it must not be seen. */
export const HIDDEN = "[secret]";

/** A resource as it is deployed. Secrets are hidden. */
export interface DeployedResource {
  readonly urn: string;
  readonly type: string;
  readonly inputs: { readonly [key: string]: unknown };
}

/** USD an hour. */
export interface Prices {
  /** By instance type. */
  readonly types: { readonly [type: string]: number };
  /** Of a replica of which no type is known. */
  readonly replica?: number;
  /** A GiB of a disk. */
  readonly diskGib?: number;
}

/** What a change of a workload's capacity is judged by. */
export interface PolicyGround {
  readonly workload: string;
  /** Bounds of the replicas, of the workload's constraints. */
  readonly replicas: { readonly min: number; readonly max: number };
  readonly bound: BoundResources;
  readonly limits: Constraints["limits"];
  /** USD an hour that the workload may cost, where its constraints cap that, and what is known of prices. */
  readonly budget?: number;
  readonly prices: Prices;
  /** Tags (or labels) that every changed resource must have that can have any. */
  readonly requiredTags: readonly string[];
}

/** How a value stands that is not known before the update. */
export const UNKNOWN = "[not yet known]";

/** What a policy pack is told of the change that it judges, beside the resources that Pulumi shows it. */
export interface PolicySubject extends PolicyGround {
  /** What is deployed now. */
  readonly deployed: readonly DeployedResource[];
}

/** The environment variable that names the file with the subject, as JSON. */
export const POLICY_SUBJECT_VARIABLE = "FORESHADOW_POLICY_SUBJECT";
