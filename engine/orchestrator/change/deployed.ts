import type { Changeset } from "../../../model/changeset.ts";
import type { ChangeContext } from "./change-context.ts";
import { commitChange } from "./commit.ts";
import { digest } from "./digest.ts";
import { ReviewHostError } from "./review-host.port.ts";
import { sectionAt } from "./section.ts";

/** The commit that is applied, and the one whose program is in force before: those of the branch unless the branch is ahead of what is deployed. */
export function appliedCommits({ commit, baseCommit, deployCommit, deployedCommit }: Changeset): {
  readonly commit: string;
  readonly base: string;
} {
  return { commit: deployCommit ?? commit!, base: deployedCommit ?? baseCommit! };
}

/**
 * The changeset with its change put on the commit that is deployed, for a branch that holds what others have still to deploy: a change of capacity
 * does not deploy it for them. `undefined` where that commit is not known here, is the branch's, or gives the workload another capacity.
 *
 * @param deployed the commit of the last update, as the stack's history has it
 */
export async function ontoDeployed(
  context: ChangeContext,
  changeset: Changeset,
  deployed: string | undefined,
): Promise<Changeset | undefined> {
  if (deployed === undefined || deployed === appliedCommits(changeset).base) return undefined;
  try {
    const section = await sectionAt(context, deployed, changeset.stack, changeset.workload);
    if (digest(section) !== digest(changeset.before)) return undefined;
    const deployCommit = await commitChange(context, changeset, deployed, `${changeset.id}-deployed`);
    return { ...changeset, deployedCommit: deployed, deployCommit };
  } catch (error) {
    // A commit that was never fetched here.
    if (error instanceof ReviewHostError) return undefined;
    throw error;
  }
}
