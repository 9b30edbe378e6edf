import type { PropertyChange, StackReference } from "../../../model/changeset.ts";

/** A resource as the provider's program has it. Secrets are replaced by a keyed hash or a mark before they get here. */
export interface ResourceState {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly inputs: { readonly [key: string]: unknown };
  /** What the provider reports; in a preview of a change that part which does not depend on it. */
  readonly outputs: { readonly [key: string]: unknown };
}

/** What an apply would do, with the world read back first. */
export interface Preview {
  readonly changes: readonly PropertyChange[];
  /** Inputs in which the world differs from the state: `before` is the state's value, `after` the world's. */
  readonly drift: readonly PropertyChange[];
  /** The resources that the program asks for, as they would be after the change. */
  readonly resources: readonly ResourceState[];
  /** The same resources as the refreshed world has them now. */
  readonly present: readonly ResourceState[];
  /** Mandatory violations of policy packs, in words. */
  readonly policyViolations: readonly string[];
  /** Digest of the recorded state the preview started from. */
  readonly stateDigest: string;
  readonly seconds: number;
}

/** What came of an apply. `failed` says nothing about how much of it landed: only the refreshed world does. */
export interface ApplyResult {
  readonly outcome: "applied" | "failed";
  readonly message?: string;
  /** The recorded state was not the expected one: nothing was begun. */
  readonly moved?: boolean;
  readonly seconds: number;
}

export type InfrastructureFailure =
  /** Another operation holds the stack's lock. */
  | "locked"
  /** The program, the provider or the state says no: a person has to look. */
  | "program"
  /** The engine's own process for the operation ended before its answer. */
  | "lost"
  /** Stack, backend or tool cannot be reached: try again later. */
  | "unavailable";

/** An operation on infrastructure that gave no result. */
export class InfrastructureError extends Error {
  override readonly name = "InfrastructureError";
  readonly failure: InfrastructureFailure;

  constructor(failure: InfrastructureFailure, message: string) {
    super(message);
    this.failure = failure;
  }
}

export interface PreviewOptions {
  /** Run the policy packs as well, on a change of this workload's capacity. */
  readonly policiesFor?: string;
}

/**
 * An operation under way on one stack: one process with one identifier, which lives on when this process dies and ends what it is
 * at. A checkout is a directory that holds exactly one commit.
 */
export interface Operation {
  /** What an apply of the checkout would do. Refreshes, changes nothing. @throws InfrastructureError */
  preview(checkout: string, options?: PreviewOptions): Promise<Preview>;
  /**
   * The way back, tried where nothing is at stake: what an apply of the checkout would do if `expected` were in force.
   * `drift` and `policyViolations` are empty.
   *
   * @throws InfrastructureError `program` when there is no way back
   */
  rehearse(checkout: string, expected: Preview): Promise<Preview>;
  /**
   * Applies the checkout, unless the recorded state is another than `expectedState`.
   *
   * @throws InfrastructureError `locked` when nothing was begun; otherwise nobody can say
   */
  apply(checkout: string, expectedState: string | undefined): Promise<ApplyResult>;
  /** The commit that the last update of the stack was made from, where its history tells. @throws InfrastructureError */
  deployedCommit(checkout: string): Promise<string | undefined>;
  /** Ends the operation's process. What it is at is ended first. */
  end(): Promise<void>;
}

/** What is left of an operation nobody waited for. */
export interface Settlement {
  /** Whether an apply was begun: not when none was asked for, nor when somebody else's lock kept it out. */
  readonly applyBegun: boolean;
  /** Its result where it got that far. */
  readonly applyResult?: ApplyResult;
  /** What was cleared away: processes ended, a lock removed. */
  readonly cleared: readonly string[];
}

export interface Infrastructure {
  /** @param operation identifier of the operation, in the environment of all its processes */
  begin(operation: string, stack: StackReference): Promise<Operation>;
  /**
   * Waits until every process of a former operation has ended, ends leftovers that nothing drives any more, removes the stack's lock
   * if it is that operation's, and brings the recorded state up to the world. A lock of anybody else is never touched.
   *
   * @param checkout of the commit that was applied
   * @throws InfrastructureError `locked` while somebody else holds the stack
   */
  settle(operation: string, stack: StackReference, checkout: string): Promise<Settlement>;
  /** Ends processes that are left of former operations and that nothing drives any more. */
  sweep(): Promise<void>;
}
