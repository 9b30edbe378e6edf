import type { Changeset, ChangesetState } from "../../../model/changeset.ts";
import { pushedByOthers } from "./adopt.ts";
import { applyChange, WAITING } from "./apply.ts";
import { ASKS, approvedEnvelope, unapproved } from "./approved-envelope.ts";
import { ChangeContext, type ChangeDependencies } from "./change-context.ts";
import { appliedCommits } from "./deployed.ts";
import { digest } from "./digest.ts";
import { type Proposal, recordIntent } from "./intent.ts";
import { inverseOf, NotReversible } from "./inverse.ts";
import { landedCommit } from "./landing.ts";
import { previewChange } from "./preview.ts";
import { resolveInterruption } from "./resolve.ts";
import { revertsOnBranch, revertsSeen } from "./revert.ts";
import { ReviewHostError } from "./review-host.port.ts";
import { sectionAt } from "./section.ts";
import { Serial } from "./serial.ts";
import { Session } from "./session.ts";
import { isFinal, TRANSITIONS } from "./transitions.ts";
import { verifyChange } from "./verify.ts";
import { withdraw } from "./withdraw.ts";

/** Steps of one pass; far more than a changeset needs, so that a fault in the table cannot turn into an endless loop. */
const MAX_STEPS = 30;

/**
 * Carries changesets out, one at a time on a stack. Every step is recorded before it is taken, so that after a crash `recover` finds where
 * each one stood.
 */
export class ChangeManager {
  readonly #context: ChangeContext;
  readonly #serial = new Serial();
  /** Operations that were brought to their end while another engine acts. */
  readonly #released = new Set<string>();

  constructor(dependencies: ChangeDependencies) {
    this.#context = new ChangeContext(dependencies);
  }

  /**
   * Records what is wanted; nothing is changed yet. Proposals for the same workload that are not under way are superseded.
   *
   * @throws InputError, ReviewHostError
   */
  propose(proposal: Proposal): Promise<Changeset> {
    return this.#serial.run(proposal.workload, () => recordIntent(this.#context, proposal));
  }

  /** Takes a changeset as far as it may go: to its end, or to where a person must decide or something is out of reach. */
  async advance(id: string): Promise<Changeset> {
    return this.#inTurn(id, async () => this.#advance(await this.#existing(id)));
  }

  /** Approves and carries out. @throws IllegalTransition when it does not await approval */
  async approve(id: string, by: string): Promise<Changeset> {
    return this.#inTurn(id, async () => {
      const approved = await this.#context.record(await this.#existing(id), "approved", { approvedBy: by }, { by });
      return this.#advance(approved);
    });
  }

  /** @throws IllegalTransition when it does not await approval */
  async reject(id: string, by: string, reason?: string): Promise<Changeset> {
    return this.#inTurn(id, async () => {
      const failure = { step: "approval", message: `rejected by ${by}${reason === undefined ? "" : `: ${reason}`}` };
      const rejected = await this.#context.record(await this.#existing(id), "rejected", { failure }, { by, reason });
      await this.#tidy(rejected);
      return rejected;
    });
  }

  /** Stops a changeset that is not yet being applied. @throws IllegalTransition */
  async cancel(id: string, by: string): Promise<Changeset> {
    return this.#inTurn(id, async () => {
      const failure = { step: "cancel", message: `cancelled by ${by}` };
      const changeset = await this.#existing(id);
      if (TRANSITIONS[changeset.state].cancelled !== undefined) await withdraw(this.#context, changeset);
      const cancelled = await this.#context.record(changeset, "cancelled", { failure }, { by });
      await this.#tidy(cancelled);
      return cancelled;
    });
  }

  /**
   * Proposes the way back as a changeset of its own; `advance` it. A person's word: it needs no further approval.
   *
   * @throws NotReversible that says what stands in the way
   */
  async rollback(id: string, by: string): Promise<Changeset> {
    const changeset = await this.#existing(id);
    const { workload, stack, state } = changeset;
    if (state !== "done" && state !== "partial" && state !== "diverged")
      throw new NotReversible(`changeset ${id}: expected one that was applied, found ${state}`);
    const head = await this.#context.dependencies.review.head();
    const current = await sectionAt(this.#context, head, stack, workload);
    if (current === undefined) throw new NotReversible(`changeset ${id}: ${workload} has no capacity any more`);
    return this.propose({
      workload,
      stack,
      after: inverseOf(changeset, current),
      reasons: [{ kind: "release", text: `${by} takes changeset ${id} back` }],
      mode: "auto",
      requestedBy: by,
      reverses: id,
    });
  }

  /**
   * At start-up, and now and then afterwards: resumes or resolves every changeset that is not at its end, oldest first, and completes what
   * came about in part. What is out of reach, or held by somebody else, stays and is tried again by the next call.
   */
  async recover(): Promise<Changeset[]> {
    if (!this.#context.holds()) {
      for (const changeset of await this.#open()) await this.#letGo(changeset);
      return [];
    }
    await this.#takeBackReverted();
    await this.#takeUpPushed();
    const open = await this.#open();
    const results: Changeset[] = [];
    for (const changeset of open) {
      try {
        results.push(await this.advance(changeset.id));
      } catch (error) {
        // One that cannot be carried on must not keep the others from it.
        this.#context.alert(changeset, `${changeset.id}: ${(error as Error).message}`);
      }
    }
    await this.#context.dependencies.infrastructure.sweep();
    return results;
  }

  get(id: string): Promise<Changeset | undefined> {
    return this.#context.dependencies.store.changeset(id);
  }

  list(filter: { workload?: string; states?: readonly ChangesetState[]; limit?: number } = {}): Promise<Changeset[]> {
    return this.#context.dependencies.store.changesets(filter);
  }

  /**
   * Runs work on a changeset: one on a stack at a time, and with nothing else about its workload. A proposal waits for its own workload alone: what
   * another one's apply takes does not hold a tick.
   */
  async #inTurn<Result>(id: string, work: () => Promise<Result>): Promise<Result> {
    const { stack, workload } = await this.#existing(id);
    return this.#serial.run(keyOf(stack), () => this.#serial.run(workload, work));
  }

  async #advance(from: Changeset): Promise<Changeset> {
    const session = new Session();
    let changeset = from;
    try {
      // An engine whose lease has passed leaves a changeset as it is: whoever acts now, or this one when it may again, goes on.
      for (let step = 0; step < MAX_STEPS && this.#context.holds(); step++) {
        const next = await this.#step(changeset, session);
        if (next === undefined) break;
        // Something is out of reach, or held by somebody else: the next call tries again.
        const deferred = next.state === changeset.state && next.failure !== undefined;
        changeset = next;
        if (deferred || (next.state === "approved" && next.failure?.step === WAITING)) break;
      }
    } finally {
      await session.end();
    }
    if (isFinal(changeset.state)) await this.#tidy(changeset);
    return changeset.state === "partial" ? this.#complete(changeset) : changeset;
  }

  async #step(changeset: Changeset, session: Session): Promise<Changeset | undefined> {
    const context = this.#context;
    const age = context.now() - changeset.createdAt;
    switch (changeset.state) {
      case "proposed":
        if (age > context.limits.decisionExpiry && changeset.requestedBy === undefined)
          return context.record(changeset, "cancelled", {
            failure: { step: "preview", message: `the decision is ${Math.round(age)} s old` },
          });
        return previewChange(context, changeset, session);
      case "previewing":
        return previewChange(context, changeset, session);
      case "awaiting-approval":
        return this.#awaitApproval(changeset, age);
      case "approved":
        return applyChange(context, changeset, session);
      case "applying":
      case "interrupted":
        return resolveInterruption(context, changeset, session);
      case "verifying":
        return verifyChange(context, changeset, session);
      default:
        return undefined;
    }
  }

  /** A proposal is approved by whoever merges it, or by whom the terminal asks. */
  async #awaitApproval(changeset: Changeset, age: number): Promise<Changeset | undefined> {
    const { progress } = this.#context.dependencies;
    const landed = await landedCommit(this.#context, changeset);
    const edited = landed === undefined ? undefined : await this.#editedInMerge(changeset);
    if (edited !== undefined) return edited;
    if (landed !== undefined)
      return this.#context.record(changeset, "approved", { approvedBy: "merge" }, { by: "merge", commit: landed });
    if (age > this.#context.limits.approvalExpiry) return this.#context.record(changeset, "expired");
    if (await this.#coveredMeanwhile(changeset))
      return this.#context.record(changeset, "moved", {}, { reasons: ["an envelope on the branch covers it by now"] });
    const text = (changeset.notes ?? []).join("; ");
    const answer = await progress.requestApproval?.({ changeset: changeset.id, text });
    if (answer === undefined) return undefined;
    return this.#context.record(
      changeset,
      answer.approved ? "approved" : "rejected",
      answer.approved ? { approvedBy: answer.by } : {},
      { by: answer.by },
    );
  }

  /** The changeset with the numbers that the branch has had since its merge, where they are others: a person's, and judged again. */
  async #editedInMerge(changeset: Changeset): Promise<Changeset | undefined> {
    const head = await this.#context.dependencies.review.head({ lastSeen: true });
    const after = await sectionAt(this.#context, head, changeset.stack, changeset.workload);
    if (after === undefined || digest(after) === digest(changeset.after)) return undefined;
    const patch = { after, landed: head, requestedBy: "merge" };
    return this.#context.record(changeset, "moved", patch, { by: "merge", commit: head, after });
  }

  /** Reverts of our commits that people have put on the branch become rollbacks. */
  async #takeBackReverted(): Promise<void> {
    try {
      for (const proposal of await revertsOnBranch(this.#context)) await this.propose(proposal);
      await revertsSeen(this.#context);
    } catch (error) {
      if (!(error instanceof ReviewHostError)) throw error;
      this.#context.dependencies.progress.notify({
        code: "alert",
        text: `the branch was not searched for reverts: ${error.message}`,
      });
    }
  }

  /** Changesets that are not at their end, oldest first. */
  async #open(): Promise<Changeset[]> {
    const open = (await this.list({})).filter(({ state }) => !isFinal(state));
    return open.sort((a, b) => a.createdAt - b.createdAt);
  }

  /** What another engine has put on the branch and not carried out, so that nothing is lost with it. */
  async #takeUpPushed(): Promise<void> {
    try {
      for (const proposal of await pushedByOthers(this.#context)) {
        const { id } = await this.propose(proposal);
        await this.advance(id);
      }
    } catch (error) {
      if (!(error instanceof ReviewHostError)) throw error;
      this.#context.dependencies.progress.notify({
        code: "alert",
        text: `the branch was not searched for what other engines left: ${error.message}`,
      });
    }
  }

  /**
   * An engine that may not act brings to their end the processes that it left, and takes its own dead lock away: nobody else can tell that it is
   * dead, and it would keep out whoever acts now.
   */
  async #letGo(changeset: Changeset): Promise<void> {
    const { operation, state, stack, id } = changeset;
    if (operation === undefined || (state !== "applying" && state !== "interrupted") || this.#released.has(operation))
      return;
    const { review, infrastructure } = this.#context.dependencies;
    try {
      const checkout = await review.checkout(appliedCommits(changeset).commit, id);
      await infrastructure.settle(operation, stack, checkout);
      this.#released.add(operation);
    } catch (error) {
      this.#context.alert(changeset, `${id}: ${(error as Error).message}`);
    }
  }

  /** Whether an envelope came while a changeset waited for want of one. */
  async #coveredMeanwhile(changeset: Changeset): Promise<boolean> {
    if (!changeset.notes?.includes(ASKS)) return false;
    const { workload, stack } = changeset;
    const head = await this.#context.dependencies.review.head({ lastSeen: true });
    const approved = await approvedEnvelope(this.#context, head, stack, workload);
    return unapproved(approved, changeset, this.#context.now()).length === 0;
  }

  /** A new changeset for the rest of one that came about in part; once. */
  async #complete(partial: Changeset): Promise<Changeset> {
    const { id, workload, stack, after, mode = "review" } = partial;
    const known = (await this.list({ workload })).find(({ repairs }) => repairs === id);
    if (known !== undefined || partial.repairs !== undefined) return partial;
    const rest = await recordIntent(this.#context, {
      workload,
      stack,
      after,
      reasons: [{ kind: "short", text: `completes changeset ${id}: ${partial.failure?.message}` }],
      mode,
      urgent: partial.urgent,
      requestedBy: partial.requestedBy,
      repairs: id,
    });
    await this.#advance(rest);
    return partial;
  }

  async #tidy({ id }: Changeset): Promise<void> {
    const { review } = this.#context.dependencies;
    // Checkouts are scratch: what is left of one is removed when its name is used again.
    for (const name of [id, `${id}-base`]) await review.removeCheckout(name).catch(() => {});
  }

  async #existing(id: string): Promise<Changeset> {
    const changeset = await this.get(id);
    if (changeset === undefined) throw new RangeError(`changeset: expected a known identifier, found ${id}`);
    return changeset;
  }
}

function keyOf({ dir, name }: { dir: string; name: string }): string {
  return `${dir}/${name}`;
}
