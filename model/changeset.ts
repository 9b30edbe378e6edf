import type { Capacity } from "./capacity.ts";
import type { ForecastParts } from "./forecast-parts.ts";
import type { Reason } from "./reason.ts";

export const CHANGESET_STATES = [
  "proposed",
  "previewing",
  "unchanged",
  "blocked",
  "refused",
  "failed",
  "awaiting-approval",
  "approved",
  "rejected",
  "expired",
  "superseded",
  "cancelled",
  "applying",
  "verifying",
  "partial",
  "interrupted",
  "done",
  "diverged",
] as const;
export type ChangesetState = (typeof CHANGESET_STATES)[number];

/** States in which a changeset is on its way: it moves on by itself, and nothing else is proposed for its workload meanwhile. */
export const UNDER_WAY: readonly ChangesetState[] = [
  "proposed",
  "previewing",
  "approved",
  "applying",
  "verifying",
  "interrupted",
];

/** Where a stack is: the directory of its Pulumi program, relative to the repository's root, and the stack's name. */
export interface StackReference {
  readonly dir: string;
  readonly name: string;
}

/** One property of one resource, before and after. Secrets are replaced by a keyed hash before they get here. */
export interface PropertyChange {
  readonly urn: string;
  readonly type: string;
  readonly resource: string;
  readonly operation: "create" | "update" | "replace" | "delete";
  /** Path of the property, `replicas` or `plan[1].floor`; empty where the whole resource comes or goes. */
  readonly property: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** Whether the way back restores equal inputs and running spec, only makes up for the change, or does not exist. */
export type Reversibility = "exact" | "compensating" | "irreversible";

/** What a decision rested on: enough to recompute it, and digests of what is stored elsewhere. */
export interface Evidence {
  readonly decidedAt: number;
  /** The input of `decide` as JSON, and the digest of that text. */
  readonly input: string;
  readonly inputDigest: string;
  readonly models: readonly {
    readonly series: string;
    readonly model: string;
    readonly trusted: boolean;
    readonly skill: number;
    /** What should have made the forecast and could not, with the reason. */
    readonly fallbackFrom?: string;
    /** What the number is made of that the decision looked at. */
    readonly parts?: ForecastParts;
  }[];
  readonly node: string;
  readonly version: string;
}

/**
 * What an approval binds to, and nothing else: digests of the workload's section in the capacity file that the change starts
 * from, of the bound resources' inputs, and of the program's tree.
 */
export interface Binding {
  readonly section: string;
  readonly resources: string;
  readonly program: string;
}

/** The envelope that a change was approved by without being asked about, and the floors that it sets beside those that were approved. */
export interface EnvelopeApproval {
  /** The envelope file, and the commit of the branch at which it was read. */
  readonly path: string;
  readonly commit: string;
  /** Epoch seconds. */
  readonly until: number;
  readonly floors: { readonly least: number; readonly greatest: number };
  readonly approved: { readonly least: number; readonly greatest: number };
}

/** A proposed edit of one workload's section of one capacity file, and everything that is known about it. */
export interface Changeset {
  readonly id: string;
  readonly workload: string;
  readonly stack: StackReference;
  readonly state: ChangesetState;
  /** Epoch seconds. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Rises by one with every saved change; saving at another revision than the stored one is a conflict. */
  readonly revision: number;
  readonly before: Capacity;
  readonly after: Capacity;
  readonly reasons: readonly Reason[];
  readonly evidence?: Evidence;
  /** Commit whose tree the change starts from, and the commit that carries it. */
  readonly baseCommit?: string;
  readonly commit?: string;
  /** The person's own commit on the branch that asks for it, where it is not one of ours that was merged: a revert, or other numbers in a merge. */
  readonly landed?: string;
  /**
   * Where the branch has gone on with what is not deployed yet: the commit that is, and the same change on it. The apply takes that one, and
   * leaves alone what others have still to deploy.
   */
  readonly deployedCommit?: string;
  readonly deployCommit?: string;
  readonly previewDigest?: string;
  readonly stateDigest?: string;
  readonly changes?: readonly PropertyChange[];
  readonly policyViolations?: readonly string[];
  readonly reversibility?: Reversibility;
  readonly reverseChanges?: readonly PropertyChange[];
  /** Whether it goes on by itself once the gate lets it through, or waits for a person. */
  readonly mode?: "review" | "auto";
  /** Rescue of present demand: a freeze without `all` does not stop it. */
  readonly urgent?: boolean;
  /** The person who asked for it, where it was not the engine. */
  readonly requestedBy?: string;
  /** The person who wrote its numbers in a review. They wait for approval, and for the engine only a rescue takes their place. */
  readonly editedBy?: string;
  /** A person, `merge`, `policy` in auto mode, or `envelope`. */
  readonly approvedBy?: string;
  readonly envelope?: EnvelopeApproval;
  readonly binding?: Binding;
  /** Times that an apply was begun. */
  readonly attempts?: number;
  /** Replicas that the provider reported ready at verification. */
  readonly ready?: number;
  /** What a person should know and nothing else shows: a working tree that was left alone, a lock that is waited for. */
  readonly notes?: readonly string[];
  /** Identifier of the Pulumi operation that is or was under way; in the environment of all its processes. */
  readonly operation?: string;
  /** Seconds from decision to verified capacity. */
  readonly leadTime?: number;
  /** Seconds that each step took. */
  readonly timings?: Readonly<Record<string, number>>;
  readonly failure?: { readonly step: string; readonly message: string };
  /** The changeset that this one takes back, and the one that took this back. */
  readonly reverses?: string;
  /** The partial or diverged changeset that this one completes. */
  readonly repairs?: string;
  /** The changeset of another engine that this one carries out: it is on the branch, and nobody knows how far it has come. */
  readonly adopts?: string;
  readonly reversedBy?: string;
}
