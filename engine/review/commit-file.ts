import { rmSync } from "node:fs";
import type { Git } from "./git.ts";

/** A commit that replaces one file of its parent. */
export interface FileCommit {
  readonly parent: string;
  /** Path of the file, relative to the repository's root. */
  readonly path: string;
  readonly text: string;
  readonly message: string;
  /** Epoch seconds of author and committer. */
  readonly at: number;
}

/**
 * Makes the commit, beside the user's index and files. The same input gives the same commit.
 *
 * @param index a file that nobody else uses
 * @throws ReviewHostError
 */
export async function commitFile(git: Git, index: string, { parent, path, text, message, at }: FileCommit) {
  const env = { GIT_INDEX_FILE: index };
  rmSync(index, { force: true });
  try {
    const blob = await git(["hash-object", "-w", "--stdin"], { input: text });
    await git(["read-tree", parent], { env });
    const mode = (await git(["ls-tree", parent, "--", path])).split(" ")[0] || "100644";
    await git(["update-index", "--add", "--cacheinfo", `${mode},${blob},${path}`], { env });
    const tree = await git(["write-tree"], { env });
    const date = `${Math.floor(at)} +0000`;
    return await git(["commit-tree", tree, "-p", parent], {
      input: message,
      env: { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date },
    });
  } finally {
    rmSync(index, { force: true });
  }
}
