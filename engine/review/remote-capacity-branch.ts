import { CAPACITY_BRANCH, type CapacityBranch, type Publication } from "../orchestrator/change/capacity-branch.port.ts";
import type { ReviewHost } from "../orchestrator/change/review-host.port.ts";
import { commitFile } from "./commit-file.ts";
import type { GeneratedFiles } from "./generated-files.ts";
import { createGit, type Git } from "./git.ts";
import { remoteAddress } from "./remote-address.ts";

/** Seconds until a remote has answered. */
const PATIENCE = 60;
const HEAD = `refs/heads/${CAPACITY_BRANCH}`;

export interface RemoteCapacityBranchOptions {
  readonly root: string;
  /** The engine's store. */
  readonly store: string;
  readonly remote: string;
  /** What goes with the capacity files in their commits. */
  readonly generated?: GeneratedFiles;
  readonly review: Pick<ReviewHost, "head" | "read">;
}

/**
 * The branch on a remote. Its commits go on top of what was published last, or of the remote's default branch once that holds it: people can merge it
 * at any time, and see the capacity files change and nothing else. Nothing of the user's local commits is pushed.
 */
export class RemoteCapacityBranch implements CapacityBranch {
  readonly #git: Git;
  readonly #options: RemoteCapacityBranchOptions;

  constructor(options: RemoteCapacityBranchOptions) {
    this.#git = createGit(options.root);
    this.#options = options;
  }

  async publish({ path, text, message, at }: Publication): Promise<string | undefined> {
    const { remote, store, review, root, generated } = this.#options;
    await remoteAddress(this.#git, root, remote);
    const refs = await this.#remote(["ls-remote", remote, "HEAD", HEAD]);
    const tips = new Map(refs.split("\n").map((line) => line.split("\t").reverse() as [string, string]));
    const [published, main] = [tips.get(HEAD), tips.get("HEAD")];
    const known = [...new Set([published, main])].filter((tip) => tip !== undefined);
    if (known.length > 0) await this.#remote(["fetch", "--quiet", "--no-tags", remote, ...known]);
    const merged = published === undefined || (main !== undefined && (await this.#holds(main, published)));
    // A remote without a commit gets the branch as it is here.
    const parent = merged ? (main ?? (await review.head())) : published;
    if ((await review.read(published ?? parent, path)) === text && (await review.read(parent, path)) === text)
      return undefined;
    const commit = await commitFile(this.#git, store, "capacity-branch", {
      parent,
      path,
      text,
      generated: generated?.with(path, text),
      message,
      at,
    });
    const lease = `--force-with-lease=${HEAD}:${published ?? ""}`;
    await this.#remote(["push", "--quiet", "--no-verify", lease, remote, `${commit}:${HEAD}`]);
    return commit;
  }

  /** Whether a commit has another in its history. */
  async #holds(head: string, commit: string): Promise<boolean> {
    return (await this.#git(["rev-list", "--max-count=1", commit, `^${head}`])) === "";
  }

  #remote(args: readonly string[]): Promise<string> {
    return this.#git(args, { timeout: PATIENCE });
  }
}
