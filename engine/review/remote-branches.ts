import type { ReviewHost } from "../orchestrator/change/review-host.port.ts";
import { commitFile } from "./commit-file.ts";
import type { GeneratedFiles } from "./generated-files.ts";
import { createGit, type Git } from "./git.ts";
import type { BranchPart, PullRequestBranches } from "./pull-request.port.ts";
import { remoteAddress } from "./remote-address.ts";

/** Seconds until a remote has answered. */
const PATIENCE = 60;

export interface RemoteBranchesOptions {
  readonly root: string;
  /** The engine's store. */
  readonly store: string;
  readonly remote: string;
  /** What goes with the capacity files in their commits. */
  readonly generated?: GeneratedFiles;
  /** Environment of git where it talks to the remote: how it shows who it is. */
  access(): Promise<Readonly<Record<string, string>>>;
  readonly review: Pick<ReviewHost, "head" | "read">;
  /** The branch that proposals are merged into. */
  branch(): Promise<string>;
}

/** The branches of pull requests by plain git, in the user's repository and its remote. No file, index or local branch of the user is touched. */
export class RemoteBranches implements PullRequestBranches {
  readonly #git: Git;
  readonly #options: RemoteBranchesOptions;

  constructor(options: RemoteBranchesOptions) {
    this.#git = createGit(options.root);
    this.#options = options;
  }

  async base(): Promise<{ branch: string; commit: string }> {
    const { review, branch } = this.#options;
    return { branch: await branch(), commit: await review.head() };
  }

  async fetch(branch: string, commit: string): Promise<boolean> {
    const { remote } = this.#options;
    const refspec = `+refs/heads/${branch}:refs/remotes/${remote}/${branch}`;
    await this.#remote(["fetch", "--quiet", "--no-tags", remote, refspec]).catch((error: Error) => {
      if (!/couldn't find remote ref/.test(error.message)) throw error;
    });
    return this.#knows(commit);
  }

  read(commit: string, path: string): Promise<string | undefined> {
    return this.#options.review.read(commit, path);
  }

  diff(from: string, to: string, path: string): Promise<string> {
    return this.#git(["diff", "--no-color", "--no-ext-diff", "--no-textconv", from, to, "--", path]);
  }

  async compose(base: string, parts: readonly BranchPart[]): Promise<string> {
    const { store, generated } = this.#options;
    let tip = base;
    for (const { like, path, edit } of parts) {
      const commit = await this.#git(["cat-file", "commit", like], { raw: true });
      const headEnd = commit.indexOf("\n\n");
      const at = Number(/^committer .* (\d+) [+-]\d{4}$/m.exec(commit.slice(0, headEnd))?.[1]);
      const text = edit((await this.read(tip, path)) ?? "");
      const message = commit.slice(headEnd + 2);
      tip = await commitFile(this.#git, store, "pull-request", {
        parent: tip,
        path,
        text,
        generated: generated?.with(path, text),
        message,
        at,
      });
    }
    return tip;
  }

  async push(branch: string, commit: string, expected: string | undefined): Promise<boolean> {
    const { remote } = this.#options;
    const lease = `--force-with-lease=refs/heads/${branch}:${expected ?? ""}`;
    try {
      await this.#remote(["push", "--quiet", "--no-verify", lease, remote, `${commit}:refs/heads/${branch}`]);
      return true;
    } catch (error) {
      const tip = await this.tip(branch);
      if (tip === commit) return true;
      if (tip === expected) throw error;
      return false;
    }
  }

  async remove(branch: string, expected: string): Promise<void> {
    if ((await this.tip(branch)) !== expected) return;
    const lease = `--force-with-lease=refs/heads/${branch}:${expected}`;
    await this.#remote(["push", "--quiet", "--no-verify", lease, this.#options.remote, `:refs/heads/${branch}`]);
  }

  async tip(branch: string): Promise<string | undefined> {
    const line = await this.#remote(["ls-remote", "--heads", this.#options.remote, `refs/heads/${branch}`]);
    return line === "" ? undefined : line.split("\t")[0];
  }

  async #remote(args: readonly string[]): Promise<string> {
    return this.#git(args, { env: await this.#options.access(), timeout: PATIENCE });
  }

  #knows(commit: string): Promise<boolean> {
    return this.#git(["cat-file", "-e", `${commit}^{commit}`]).then(
      () => true,
      () => false,
    );
  }
}

/**
 * How git shows who it is to the repository on GitHub: by the token in a header, in the environment of the one command, where the remote is an
 * address of http of the API's own host. Any other remote, ssh among them, is left to the user's git.
 *
 * @param api address of the REST API
 */
export function githubAccess(root: string, remote: string, api: string, token: () => string) {
  const git = createGit(root);
  return async (): Promise<Readonly<Record<string, string>>> => {
    const url = await remoteAddress(git, root, remote);
    const parsed = /^https?:/.test(url) ? URL.parse(url) : null;
    const { protocol, hostname } = new URL(api);
    if (parsed === null || parsed.protocol !== protocol || parsed.hostname !== hostname.replace(/^api\./, ""))
      return {};
    const count = Number(process.env.GIT_CONFIG_COUNT ?? 0);
    return {
      GIT_CONFIG_COUNT: String(count + 1),
      [`GIT_CONFIG_KEY_${count}`]: `http.${parsed.origin}/.extraHeader`,
      [`GIT_CONFIG_VALUE_${count}`]: `Authorization: Basic ${Buffer.from(`x-access-token:${token()}`).toString("base64")}`,
    };
  };
}
