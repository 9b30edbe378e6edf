import { withoutCredentials } from "../../model/credentials.ts";
import { ReviewHostError } from "../orchestrator/change/review-host.port.ts";
import type { Git } from "./git.ts";

/**
 * The address of a git remote. One with credentials in it is refused: git hands it to the processes that it starts as an argument, which every user
 * of the host can read.
 *
 * @throws ReviewHostError when there is no such remote, or its address carries credentials
 */
export async function remoteAddress(git: Git, root: string, remote: string): Promise<string> {
  if (remote === ".") return remote;
  const address = await git(["remote", "get-url", remote]).catch(() => {
    throw new ReviewHostError(`${root}: expected a git remote ${remote}, which the project file names, found none`);
  });
  const masked = withoutCredentials(address);
  if (masked === address) return address;
  throw new ReviewHostError(
    `${root}: expected the address of the git remote ${remote} without credentials, found ${masked}; they would stand in arguments of git's processes: use review.github.token or a credential helper of git`,
  );
}
