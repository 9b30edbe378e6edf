import { createHash } from "node:crypto";
import type { StackReference } from "../../model/changeset.ts";
import type { ControlStore } from "../orchestrator/change/control-store.port.ts";
import type { WaitingEnvelope } from "./waiting-envelope.ts";

/** What is known of the one open pull request of a stack. */
export interface OpenPullRequest {
  readonly number: number;
  readonly url: string;
  /** The commit that its branch should stand at: the last that was pushed, or a person's that was looked at. */
  readonly tip: string;
  /** What the branch was made of, as a digest. */
  readonly signature: string;
  /** Digest of the title and body that it has. */
  readonly text: string;
  /** The changesets that its branch carries, and all that it ever carried. */
  readonly changesets: readonly string[];
  readonly ever: readonly string[];
  /** The envelope that it carries, with a person's text where there is one. */
  readonly envelope?: Pick<WaitingEnvelope, "id" | "commit" | "path" | "text">;
  readonly comment?: PostedComment;
  readonly notes: readonly string[];
}

export interface PostedComment {
  readonly id: number;
  /** Digest of its text. */
  readonly text: string;
}

/** A pull request that is merged or closed, whose changesets have not come to their end or whose comment does not say so yet. */
export type FollowedPullRequest = Pick<OpenPullRequest, "number" | "ever" | "comment" | "notes">;

/** What is remembered of a stack's pull requests between two looks. */
export interface PullRequestBook {
  readonly open?: OpenPullRequest;
  readonly followed: readonly FollowedPullRequest[];
  /** Epoch seconds of the pushes of the last day. */
  readonly pushes: readonly number[];
}

const EMPTY: PullRequestBook = { followed: [], pushes: [] };

export async function readBook(control: Pick<ControlStore, "value">, branch: string): Promise<PullRequestBook> {
  const text = await control.value(key(branch));
  return text === undefined ? EMPTY : (JSON.parse(text) as PullRequestBook);
}

export async function writeBook(
  control: Pick<ControlStore, "setValue">,
  branch: string,
  book: PullRequestBook,
): Promise<void> {
  await control.setValue(key(branch), JSON.stringify(book));
}

/** The commit on the base branch by which a merge of a pull request brought a changeset, where one did. */
export function mergedCommit(control: Pick<ControlStore, "value">, changeset: string): Promise<string | undefined> {
  return control.value(`merged/${changeset}`);
}

export async function recordMerge(
  control: Pick<ControlStore, "setValue">,
  changeset: string,
  commit: string,
): Promise<void> {
  await control.setValue(`merged/${changeset}`, commit);
}

/** The branch of a stack's pull requests: one a stack, whatever directory it is in. */
export function branchOf({ dir, name }: StackReference): string {
  if (dir === ".") return `foreshadow/review/${name}`;
  const slug = dir.replaceAll(/[^A-Za-z0-9]+/g, "-").replaceAll(/^-|-$/g, "");
  // Different directories may have the same letters.
  const digest = createHash("sha256").update(dir).digest("hex").slice(0, 6);
  return `foreshadow/review/${slug}-${digest}.${name}`;
}

function key(branch: string): string {
  return `pull-requests/${branch}`;
}
