import { createGit } from "./git.ts";

/**
 * The commit of a proposal as `git show` prints it: message, trailers and raw diff. `undefined` where git has none.
 *
 * @param root of the repository
 * @param proposal identifier of a changeset, or `envelope-STACK`
 * @param commit that was recorded for it, for one whose reference has been let go of
 */
export async function proposedCommit(root: string, proposal: string, commit?: string): Promise<string | undefined> {
  const git = createGit(root);
  for (const name of [`refs/foreshadow/${proposal}`, ...(commit === undefined ? [] : [commit])]) {
    const found = await git(["rev-parse", "--quiet", "--verify", "--end-of-options", `${name}^{commit}`]).catch(
      () => "",
    );
    if (found !== "") return git(["show", "--no-color", "--no-ext-diff", found]);
  }
  return undefined;
}
