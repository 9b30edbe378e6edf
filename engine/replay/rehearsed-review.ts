import { join } from "node:path";
import type { Project } from "../../model/project.ts";
import type { Clock } from "../clock.port.ts";
import { engineDecisions } from "../engine-decisions.ts";
import type { Engine } from "../loop/engine.ts";
import { LIMITS } from "../orchestrator/change/change-context.ts";
import type { ChangeManager } from "../orchestrator/change/change-manager.ts";
import type { ControlStore } from "../orchestrator/change/control-store.port.ts";
import { PlainGit } from "../review/plain-git.ts";
import { mergedCommit } from "../review/pull-request-book.ts";
import { PullRequests } from "../review/pull-requests.ts";
import { RemoteBranches } from "../review/remote-branches.ts";
import { REMOTE, SimulatedReview } from "./simulated-review.ts";

interface RehearsedReviewParts {
  readonly root: string;
  /** The engine's store. */
  readonly store: string;
  readonly control: ControlStore;
  readonly clock: Clock;
}

/** Seconds for which a request is open before it is merged. */
const PATIENCE = 300;

/** A project's review as it is with a host of requests, on a repository of the rehearsal's own with one who merges. */
export async function rehearsedReview({ root, store, control, clock }: RehearsedReviewParts) {
  const now = () => clock.now();
  const host = await SimulatedReview.create(root, join(root, "..", "remote.git"), now);
  const review = new PlainGit({
    root,
    store,
    remote: REMOTE,
    merged: (changeset) => mergedCommit(control, changeset),
    monotonic: now,
  });
  return {
    review,
    host,
    /** Shows what waits, lets the reviewer merge, and hands that on. @param quiet resolves when the engine has nothing under way */
    turn(engine: Engine, change: ChangeManager, project: Project, alert: (text: string) => void) {
      const requests = new PullRequests({
        host,
        branches: new RemoteBranches({
          root,
          store,
          remote: REMOTE,
          access: async () => ({}),
          review,
          branch: () => review.branch(),
        }),
        control,
        decisions: engineDecisions(engine, change),
        envelopes: () => engine.envelopes(),
        workloads: project.workloads,
        clock,
        expiry: LIMITS.approvalExpiry,
        alert,
      });
      return async (quiet: () => Promise<void>): Promise<void> => {
        await requests.look();
        await host.mergeOpenFor(PATIENCE);
        await requests.look();
        await quiet();
      };
    },
    /** Whether an approval that the ledger names held: what the reviewer had merged by then, by the reviewer's own record. */
    held(by: string, changeset: string, at: number): boolean {
      const before = host.merges.filter((merge) => merge.at <= at);
      return by === "envelope"
        ? before.some(({ envelopes }) => envelopes.length > 0)
        : before.some(({ changesets }) => changesets.includes(changeset));
    },
  };
}
