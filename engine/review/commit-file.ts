import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Git } from "./git.ts";

export interface FileText {
  /** Relative to the repository's root. */
  readonly path: string;
  readonly text: string;
}

/** A commit that replaces one file of its parent. */
export interface FileCommit extends FileText {
  readonly parent: string;
  /** What is generated from it, and goes with it. */
  readonly generated?: readonly FileText[];
  readonly message: string;
  /** Epoch seconds of author and committer. */
  readonly at: number;
}

/**
 * Makes the commit, beside the user's index and files. The same input gives the same commit.
 *
 * @param store directory of the engine's store, where an index is kept meanwhile
 * @param name of that index: one at a time uses it
 * @throws ReviewHostError
 */
export async function commitFile(
  git: Git,
  store: string,
  name: string,
  { parent, path, text, generated = [], message, at }: FileCommit,
) {
  const directory = join(store, "index");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const index = join(directory, name);
  const env = { GIT_INDEX_FILE: index };
  rmSync(index, { force: true });
  try {
    await git(["read-tree", parent], { env });
    for (const file of [{ path, text }, ...generated]) {
      const blob = await git(["hash-object", "-w", "--stdin"], { input: file.text });
      const mode = (await git(["ls-tree", parent, "--", file.path])).split(" ")[0] || "100644";
      await git(["update-index", "--add", "--cacheinfo", `${mode},${blob},${file.path}`], { env });
    }
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
