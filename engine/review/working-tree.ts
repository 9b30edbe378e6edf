import { existsSync, mkdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Git } from "./git.ts";

/**
 * Lets the user's working tree follow the branch for the files that a commit changed. Without it, moving a checked-out branch leaves the old
 * content as a staged change back, which the user's next commit would carry out. A file that the user has edited is never written: its index
 * entry follows, its content stays. Doing it again changes nothing, so that a crash in between is mended by the next call.
 *
 * @returns what the user should know, where a file did not follow
 */
export async function followBranch(
  git: Git,
  root: string,
  branch: string,
  commit: string,
  previous: string,
): Promise<string | undefined> {
  const current = await git(["symbolic-ref", "--quiet", "HEAD"]).catch(() => "");
  const bare = (await git(["rev-parse", "--is-bare-repository"])) === "true";
  if (current !== `refs/heads/${branch}` || bare) return undefined;
  const changed = await git(["diff-tree", "-r", "--no-renames", "-z", previous, commit]);
  const notes: string[] = [];
  for (const [, mode, before, after, path] of changed.matchAll(
    /:\d+ (\d+) ([0-9a-f]+) ([0-9a-f]+) [A-Z]\0([^\0]+)\0/g,
  )) {
    const note = await followFile(git, root, { path, mode, before, after });
    if (note !== undefined) notes.push(note);
  }
  return notes.length === 0 ? undefined : notes.join("; ");
}

interface Changed {
  readonly path: string;
  readonly mode: string;
  /** Blobs; all zeros where there was no file. */
  readonly before: string;
  readonly after: string;
}

async function followFile(git: Git, root: string, { path, mode, before, after }: Changed): Promise<string | undefined> {
  const staged = (await git(["ls-files", "--stage", "--", path])).split(/\s+/)[1] ?? NONE;
  const file = join(root, path);
  const present = existsSync(file) ? await git(["hash-object", "--", path]) : NONE;
  const same = (a: string, b: string) => a === b || (isNone(a) && isNone(b));
  if (!same(staged, before) && staged !== after) return `${path} has staged changes and was left as it is`;
  if (staged !== after) await updateIndex(git, ["--add", "--cacheinfo", `${mode},${after},${path}`]);
  if (present === after) return undefined;
  if (!same(present, before)) return `${path} has uncommitted changes and was left as it is`;
  const text = await git(["cat-file", "blob", after], { raw: true });
  const permissions = existsSync(file) ? statSync(file).mode & 0o777 : 0o644;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.foreshadow`, text, { mode: permissions });
  renameSync(`${file}.foreshadow`, file);
  await updateIndex(git, ["--refresh", "-q", "--", path]).catch(() => {});
  return undefined;
}

const NONE = "";

function isNone(blob: string): boolean {
  return /^0*$/.test(blob);
}

/** The user's own git may hold the index for a moment. */
async function updateIndex(git: Git, args: readonly string[], attempts = 20): Promise<void> {
  for (let left = attempts; ; left--) {
    try {
      await git(["update-index", ...args]);
      return;
    } catch (error) {
      if (left <= 1 || !String(error).includes("index.lock")) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
