import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createGit, type Git } from "../review/git.ts";
import type { PullRequest, PullRequestDraft, PullRequestHost } from "../review/pull-request.port.ts";

/** The name that the reviewed repository has as a remote. */
export const REMOTE = "origin";
const BASE = "main";
const REVIEWER = "the simulated reviewer";

/** What a merge brought on the base branch. */
export interface SimulatedMerge {
  /** Epoch seconds. */
  readonly at: number;
  /** Changesets and envelopes by their identifiers. */
  readonly changesets: readonly string[];
  readonly envelopes: readonly string[];
}

interface Request extends PullRequestDraft {
  readonly number: number;
  readonly openedAt: number;
  state: PullRequest["state"];
  /** Where its branch stood when it was merged or closed, and the commit of the merge. */
  head?: string;
  mergeCommit?: string;
}

/**
 * A repository that people review in, and one who merges what is asked for. Repository, branches, pushes and merges are git's; the requests
 * themselves, which a host of repositories would keep, are kept here.
 */
export class SimulatedReview implements PullRequestHost {
  readonly name = "a simulated review";
  readonly merges: SimulatedMerge[] = [];
  readonly #git: Git;
  readonly #directory: string;
  readonly #now: () => number;
  readonly #requests: Request[] = [];
  /** Requests that were open at once, at most. */
  mostOpen = 0;

  private constructor(directory: string, now: () => number) {
    this.#directory = directory;
    this.#git = createGit(directory);
    this.#now = now;
  }

  /**
   * Makes the repository from another one, whose remote it becomes.
   *
   * @param directory of the new repository
   * @param now epoch seconds
   */
  static async create(root: string, directory: string, now: () => number): Promise<SimulatedReview> {
    const git = createGit(root);
    mkdirSync(directory, { recursive: true });
    await git(["init", "--quiet", "--bare", "--initial-branch", BASE, directory]);
    await git(["remote", "add", REMOTE, directory]);
    await git(["push", "--quiet", REMOTE, BASE]);
    await git(["fetch", "--quiet", REMOTE]);
    // Whatever arrives from now on is written down by git itself.
    const hook = join(directory, "hooks", "post-receive");
    mkdirSync(join(directory, "hooks"), { recursive: true });
    writeFileSync(hook, "#!/bin/sh\ncat >>pushes\n");
    chmodSync(hook, 0o755);
    return new SimulatedReview(directory, now);
  }

  get opened(): number {
    return this.#requests.length;
  }

  /** Pushes that brought commits to a branch of requests, and to the base branch. */
  pushes(): { readonly requests: number; readonly base: number } {
    const file = join(this.#directory, "pushes");
    const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
    const arrived = lines.map((line) => line.split(" ")).filter(([, to]) => to !== undefined && !/^0+$/.test(to));
    const base = arrived.filter(([, , ref]) => ref === `refs/heads/${BASE}`).length;
    return { requests: arrived.length - base, base };
  }

  /** The reviewer merges what has been open for so long (seconds), unless its text asks to wait. */
  async mergeOpenFor(seconds: number): Promise<void> {
    for (const request of this.#requests)
      if (
        request.state === "open" &&
        this.#now() - request.openedAt >= seconds &&
        !request.body.startsWith("**Do not merge yet")
      )
        await this.#merge(request);
  }

  async #merge(request: Request): Promise<void> {
    const [head, base] = [await this.#tip(request.branch), await this.#tip(request.base)];
    const trailers = async (key: string) => {
      const format = `--format=%(trailers:key=${key},valueonly,separator=%x20)`;
      return (await this.#git(["log", format, `${base}..${head}`])).split(/\s+/).filter(Boolean);
    };
    const [changesets, envelopes] = [await trailers("Foreshadow-Changeset"), await trailers("Foreshadow-Proposal")];
    const tree = (await this.#git(["merge-tree", "--write-tree", base, head])).split("\n")[0];
    const date = `${Math.floor(this.#now())} +0000`;
    const env = { GIT_AUTHOR_NAME: REVIEWER, GIT_COMMITTER_NAME: REVIEWER };
    const message = `Merge request ${request.number}: ${request.title}`;
    const commit = await this.#git(["commit-tree", tree, "-p", base, "-p", head, "-m", message], {
      env: { ...env, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date },
    });
    await this.#git(["update-ref", `refs/heads/${request.base}`, commit, base]);
    Object.assign(request, { state: "merged", head, mergeCommit: commit });
    this.merges.push({ at: this.#now(), changesets, envelopes });
  }

  async get(number: number): Promise<PullRequest> {
    const { state, head, mergeCommit, branch } = this.#request(number);
    return {
      number,
      url: `simulated:${number}`,
      state,
      head: head ?? (await this.#tip(branch)),
      ...(mergeCommit !== undefined && { mergeCommit, mergedBy: REVIEWER }),
    };
  }

  async find(branch: string, base: string): Promise<PullRequest | undefined> {
    const found = this.#requests.find((one) => one.state === "open" && one.branch === branch && one.base === base);
    return found && this.get(found.number);
  }

  async open(draft: PullRequestDraft): Promise<PullRequest> {
    const number = this.#requests.length + 1;
    this.#requests.push({ ...draft, number, openedAt: this.#now(), state: "open" });
    this.mostOpen = Math.max(this.mostOpen, this.#requests.filter(({ state }) => state === "open").length);
    return this.get(number);
  }

  async edit(number: number, text: Pick<PullRequestDraft, "title" | "body">): Promise<void> {
    Object.assign(this.#request(number), text);
  }

  async close(number: number): Promise<void> {
    const request = this.#request(number);
    Object.assign(request, { state: "closed", head: await this.#tip(request.branch) });
  }

  async author(commit: string): Promise<string> {
    return this.#git(["log", "--max-count=1", "--format=%an", commit]);
  }

  /** There is one request's comment to keep, and nobody who reads it. */
  async comment(number: number): Promise<number> {
    return number;
  }

  #tip(branch: string): Promise<string> {
    return this.#git(["rev-parse", "--verify", `refs/heads/${branch}`]);
  }

  #request(number: number): Request {
    const request = this.#requests[number - 1];
    if (request === undefined) throw new RangeError(`request: expected a known number, found ${number}`);
    return request;
  }
}
