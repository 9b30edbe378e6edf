import type { StackReference } from "../../../model/changeset.ts";
import type { LedgerAnchor } from "./ledger.port.ts";

/** A commit that carries one changeset: one file of its parent replaced. */
export interface ProposedCommit {
  readonly changeset: string;
  readonly parent: string;
  /** Path of the capacity file, relative to the repository's root. */
  readonly path: string;
  readonly text: string;
  readonly subject: string;
  readonly body: string;
  readonly trailers: readonly (readonly [key: string, value: string])[];
  /** Epoch seconds, the commit's date: the same proposal makes the same commit. */
  readonly at: number;
}

export type PushResult =
  | {
      readonly outcome: "pushed";
      /** What became of a working tree that has the branch checked out, where it could not simply follow. */
      readonly note?: string;
    }
  /** The branch stands elsewhere than expected: nothing was changed. */
  | { readonly outcome: "moved"; readonly head: string };

/** The review host cannot be reached or refuses: the intent stays and is tried again. */
export class ReviewHostError extends Error {
  override readonly name = "ReviewHostError";
}

export interface HeadOptions {
  /** Where the host is out of reach, the branch as it was last seen stands for it. */
  readonly lastSeen?: boolean;
}

export interface PushOptions {
  /** Where the host is out of reach, the commit counts here at once and gets there when it is back. */
  readonly late?: boolean;
}

/** Git is what is desired. Where proposals are put, reviewed and made the desired state. All methods throw ReviewHostError. */
export interface ReviewHost {
  /** The commit at which the branch stands. */
  head(options?: HeadOptions): Promise<string>;
  /** The text of a file at a commit; `undefined` when it is not there. */
  read(commit: string, path: string): Promise<string | undefined>;
  /** Digest of everything at a commit that the stack's program may depend on, the capacity files apart. */
  programDigest(commit: string, stack: StackReference): Promise<string>;
  /** Makes the commit and keeps it on a reference of its own. The same proposal gives the same commit, however often. */
  propose(commit: ProposedCommit): Promise<string>;
  /** The changesets of which a proposal is kept. */
  proposals(): Promise<string[]>;
  /** Lets go of proposals; what was merged stays where it is. */
  forget(changesets: readonly string[]): Promise<void>;
  /** A directory that holds exactly this commit. The same name gives the same directory, set to the commit. */
  checkout(commit: string, name: string): Promise<string>;
  removeCheckout(name: string): Promise<void>;
  /** Moves the branch from `expected` to `commit`, or leaves it. */
  push(commit: string, expected: string, options?: PushOptions): Promise<PushResult>;
  /** The commit in the branch's history that carries the changeset, searched after `since`; in what was last seen where the host is out of reach. */
  landed(changeset: string, since: string): Promise<string | undefined>;
  /** Commits of the branch that carry a changeset, of any engine, newest first. @param most that are given */
  carried(most: number): Promise<{ readonly commit: string; readonly parent: string; readonly changeset: string }[]>;
  /** Commits of the branch after `since` that revert a commit that carries a changeset, oldest first, with who made them. */
  reverts(since: string): Promise<{ readonly changeset: string; readonly by: string }[]>;
  /** The ledger's heads that commits on the branch, on proposals and of `anchor` carry, newest first. */
  anchors(): Promise<LedgerAnchor[]>;
  /** Keeps a head of the ledger outside the store. One that is the newest already is not kept twice. @param at epoch seconds */
  anchor(head: LedgerAnchor, at: number): Promise<void>;
}
