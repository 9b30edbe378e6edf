import type { BoundResources } from "./bound-resources.ts";

/** How a secret stands where it must not be seen. */
export const HIDDEN = "[secret]";

/** A resource as it is deployed. Secrets are hidden. */
export interface DeployedResource {
  readonly urn: string;
  readonly type: string;
  readonly inputs: { readonly [key: string]: unknown };
}

/** What a change of a workload's capacity is judged by. */
export interface PolicyGround {
  readonly workload: string;
  /** Bounds of the replicas, of the workload's constraints. */
  readonly replicas: { readonly min: number; readonly max: number };
  readonly bound: BoundResources;
  /** Tags (or labels) that every changed resource must have that can have any. */
  readonly requiredTags: readonly string[];
}

/** What a policy pack is told of the change that it judges, beside the resources that Pulumi shows it. */
export interface PolicySubject extends PolicyGround {
  /** What is deployed now. */
  readonly deployed: readonly DeployedResource[];
}

/** The environment variable that names the file with the subject, as JSON. */
export const POLICY_SUBJECT_VARIABLE = "FORESHADOW_POLICY_SUBJECT";
