import { readSecret } from "../model/connection/secret.ts";
import type { GitHubReview } from "../model/project.ts";
import { engineDecisions } from "./engine-decisions.ts";
import type { Engine } from "./loop/engine.ts";
import type { ChangeManager } from "./orchestrator/change/change-manager.ts";
import type { ControlStore } from "./orchestrator/change/control-store.port.ts";
import type { ProjectFiles } from "./project-files.ts";
import { generatedFiles } from "./review/generated-files.ts";
import { GitHub } from "./review/github.ts";
import { githubRequests } from "./review/github-requests.ts";
import type { PlainGit } from "./review/plain-git.ts";
import { PullRequests } from "./review/pull-requests.ts";
import { githubAccess, RemoteBranches } from "./review/remote-branches.ts";
import { systemClock } from "./system-clock.ts";

interface PullRequestParts {
  readonly control: ControlStore;
  readonly review: PlainGit;
  readonly change: ChangeManager;
  readonly engine: Engine;
  /** The engine's store. */
  readonly store: string;
  /** Seconds until an unanswered changeset lapses. */
  readonly expiry: number;
}

/**
 * Review on GitHub, as the project file asks for it.
 *
 * @throws InputError when there is no token
 */
export function openGitHub(
  { repository, api, token, remote }: GitHubReview,
  files: ProjectFiles,
  env: NodeJS.ProcessEnv,
) {
  const { root, project } = files;
  const secret = () => readSecret(token, "review.github.token", root, env);
  // What is missing should show at the start, not at the first proposal.
  secret();
  const access = githubAccess(root, remote, api, secret);
  return {
    remote: { remote, access },
    pullRequests: ({ control, review, change, engine, store, expiry }: PullRequestParts) =>
      new PullRequests({
        host: new GitHub(githubRequests({ api, token: secret, now: () => systemClock.now() }), repository),
        branches: new RemoteBranches({
          root,
          store,
          remote,
          access,
          review,
          branch: () => review.branch(),
          generated: generatedFiles(project),
        }),
        control,
        decisions: engineDecisions(engine, change),
        envelopes: () => engine.envelopes(),
        workloads: project.workloads,
        clock: systemClock,
        expiry,
        alert: (text) => engine.followers.alert(text),
      }),
  };
}
