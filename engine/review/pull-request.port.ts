/** A pull request as its host has it. */
export interface PullRequest {
  readonly number: number;
  /** Where people look at it. */
  readonly url: string;
  readonly state: "open" | "closed" | "merged";
  /** The commit at which its branch stands, or stood when it was merged or closed. */
  readonly head: string;
  /** With `merged`: the commit that the merge made on the base branch, and who merged. */
  readonly mergeCommit?: string;
  readonly mergedBy?: string;
}

export interface PullRequestDraft {
  /** The branch to be merged, and the one to be merged into. */
  readonly branch: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
}

/**
 * A place where people review and merge branches. All methods throw ReviewHostError when it is out of reach or refuses; none waits
 * longer than some seconds. What creates is never tried twice in one call: after a failure, ask what is there.
 */
export interface PullRequestHost {
  /** The host and repository in words, for messages. */
  readonly name: string;
  get(number: number): Promise<PullRequest>;
  /** The open pull request of a branch, where there is one. */
  find(branch: string, base: string): Promise<PullRequest | undefined>;
  open(draft: PullRequestDraft): Promise<PullRequest>;
  edit(number: number, text: Pick<PullRequestDraft, "title" | "body">): Promise<void>;
  close(number: number): Promise<void>;
  /** Who pushed the commit, as the host knows them; their word is not proof of who they are. */
  author(commit: string): Promise<string>;
  /**
   * Writes the one comment: edits the known one, or that which begins with the marker, else makes it.
   *
   * @returns the comment's identifier
   */
  comment(number: number, marker: string, text: string, known?: number): Promise<number>;
}

/** The branches of pull requests in the repository that the host shows. All methods throw ReviewHostError. */
export interface PullRequestBranches {
  /** Where the base branch stands, fetched. */
  base(): Promise<{ readonly branch: string; readonly commit: string }>;
  /** Makes a commit known here that stands on a branch of the host. @returns whether it is there */
  fetch(branch: string, commit: string): Promise<boolean>;
  read(commit: string, path: string): Promise<string | undefined>;
  /** The difference of one file between two commits, as git writes it. */
  diff(from: string, to: string, path: string): Promise<string>;
  /**
   * Commits on top of each other, each with the message, author and date of a commit that is known, and one file of its parent replaced.
   * The same input gives the same commits, however often.
   *
   * @returns the last of them
   */
  compose(base: string, parts: readonly BranchPart[]): Promise<string>;
  /** Moves the branch, unless it stands elsewhere than expected; `undefined` where there is none yet. @returns whether it moved */
  push(branch: string, commit: string, expected: string | undefined): Promise<boolean>;
  /** Where the branch stands on the host. */
  tip(branch: string): Promise<string | undefined>;
  /** Removes the branch where it stands as expected. */
  remove(branch: string, expected: string): Promise<void>;
}

export interface BranchPart {
  /** The commit whose message this one takes over. */
  readonly like: string;
  readonly path: string;
  /** The file's text from the text that the parent has. */
  edit(text: string): string;
}
