import { type Capacity, editCapacity, parseCapacity } from "../../model/capacity.ts";
import type { Changeset, StackReference } from "../../model/changeset.ts";
import { InputError } from "../../model/input-error.ts";
import type { Clock } from "../clock.port.ts";
import type { ControlStore } from "../orchestrator/change/control-store.port.ts";
import { digest } from "../orchestrator/change/digest.ts";
import { isFinal } from "../orchestrator/change/transitions.ts";
import { outlookOf } from "./changeset-outlook.ts";
import type { PullRequest, PullRequestBranches, PullRequestHost } from "./pull-request.port.ts";
import {
  branchOf,
  type FollowedPullRequest,
  type OpenPullRequest,
  type PullRequestBook,
  readBook,
  recordMerge,
  writeBook,
} from "./pull-request-book.ts";
import { nextPush, pushesOfDay } from "./pull-request-budget.ts";
import { pullRequestText, statusText, textDigest } from "./pull-request-text.ts";
import type { ReviewDecisions } from "./review-decisions.port.ts";
import type { WaitingEnvelope } from "./waiting-envelope.ts";

const MARKER = "<!-- foreshadow: status -->";
/** Notes, changesets and merged pull requests of one stack that are remembered. */
const MOST_KEPT = 20;

export interface PullRequestsParts {
  readonly host: PullRequestHost;
  readonly branches: PullRequestBranches;
  readonly control: Pick<ControlStore, "changeset" | "changesets" | "value" | "setValue">;
  readonly decisions: ReviewDecisions;
  /** Envelopes that wait for approval. */
  envelopes(): Promise<readonly WaitingEnvelope[]>;
  /** Workloads of the project and their stacks. */
  readonly workloads: readonly { readonly name: string; readonly stack: StackReference }[];
  readonly clock: Pick<Clock, "now">;
  /** Seconds until an unanswered changeset lapses. */
  readonly expiry: number;
  alert(text: string): void;
}

interface Stack {
  readonly stack: StackReference;
  readonly branch: string;
  readonly path: string;
}

/**
 * Keeps one open pull request a stack in step with the changesets that wait for a person: opened, edited in place, closed when nothing waits
 * any more. What people do there is handed on: a merge approves, a close rejects, other numbers are a new proposal. It works beside the ticks;
 * a host out of reach is told and tried again at the next look.
 */
export class PullRequests {
  readonly #parts: PullRequestsParts;
  readonly #stacks: readonly Stack[];
  #looking: Promise<void> | undefined;
  #again = false;
  #closed = false;

  constructor(parts: PullRequestsParts) {
    this.#parts = parts;
    const stacks = new Map(parts.workloads.map(({ stack }) => [branchOf(stack), stack]));
    this.#stacks = [...stacks].map(([branch, stack]) => ({ stack, branch, path: `capacity/${stack.name}.yaml` }));
  }

  /** Looks at all stacks, soon: a look that is under way is followed by another. Never throws. */
  look(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    if (this.#looking !== undefined) this.#again = true;
    this.#looking ??= this.#lookUntilQuiet().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /** No further looks; resolves when none is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#looking;
  }

  async #lookUntilQuiet(): Promise<void> {
    do {
      this.#again = false;
      for (const one of this.#stacks) {
        if (this.#closed) return;
        try {
          await this.#lookAt(one);
        } catch (error) {
          this.#parts.alert(`review of ${one.stack.name} on ${this.#parts.host.name}: ${(error as Error).message}`);
        }
      }
    } while (this.#again && !this.#closed);
  }

  async #lookAt(one: Stack): Promise<void> {
    const { control } = this.#parts;
    let book = await readBook(control, one.branch);
    const save = async (next: PullRequestBook) => {
      if (JSON.stringify(next) !== JSON.stringify(book)) await writeBook(control, one.branch, next);
      book = next;
    };
    if (book.open !== undefined) await save(await this.#answered(one, book, book.open));
    const before = await this.#changesets(one, ["proposed", "previewing"]);
    // What is being previewed is about to take the place of what waited: nothing is closed for a moment only.
    if (before.length === 0) {
      const waiting = await this.#changesets(one, ["awaiting-approval"]);
      const envelope = await this.#envelope(one);
      if (waiting.length > 0 || envelope !== undefined) await this.#show(one, waiting, envelope, book, save);
      else if (book.open !== undefined) await save(await this.#withdraw(one, book, book.open));
    }
    await save({ ...book, followed: await this.#follow(book.followed) });
  }

  async #changesets({ stack }: Stack, states: readonly Changeset["state"][]): Promise<Changeset[]> {
    const found = await this.#parts.control.changesets({ states });
    const own = found.filter(({ stack: { dir, name } }) => dir === stack.dir && name === stack.name);
    return own.sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  }

  /** The envelope that waits; not one whose file is another by now, since a person has merged it or written one. */
  async #envelope({ stack }: Stack): Promise<WaitingEnvelope | undefined> {
    const { envelopes, branches } = this.#parts;
    const found = (await envelopes()).find((one) => one.stack === stack.name);
    if (found === undefined) return undefined;
    const present = await branches.read((await branches.base()).commit, found.path);
    return present === (await branches.read(`${found.commit}^`, found.path)) ? found : undefined;
  }

  /** What people did with the open pull request since the last look. */
  async #answered(one: Stack, book: PullRequestBook, open: OpenPullRequest): Promise<PullRequestBook> {
    const pull = await this.#parts.host.get(open.number);
    if (pull.state === "merged") return this.#merged(one, book, open, pull);
    if (pull.state === "closed") return this.#rejected(one, book, open);
    if (pull.head === open.tip || (await this.#parts.branches.tip(one.branch)) !== pull.head) return book;
    return { ...book, open: await this.#edited(one, open, pull) };
  }

  async #merged(one: Stack, book: PullRequestBook, open: OpenPullRequest, pull: PullRequest): Promise<PullRequestBook> {
    const { control, branches, decisions, host, alert } = this.#parts;
    const by = `${pull.mergedBy}, by merging ${host.name}#${open.number}`;
    const base = await branches.base();
    let notes = open.notes;
    // The approval is of the commit that was shown, or of one that asks for the same.
    const wrong =
      pull.head === open.tip ? [] : await this.#differences(one, open.changesets, pull.mergeCommit ?? base.commit);
    if (wrong.length === 0) {
      for (const id of open.changesets) {
        if (pull.mergeCommit !== undefined) await recordMerge(control, id, pull.mergeCommit);
        if ((await control.changeset(id))?.state === "awaiting-approval") await decisions.approve(id, by);
      }
    } else {
      const text = `${host.name}#${open.number} was merged with other numbers than were judged (${wrong.map(({ workload }) => workload).join(", ")}): nothing of it is applied; revert the merge on ${base.branch}, or bring the stack to it`;
      notes = [...notes, text];
      alert(text);
      for (const id of open.changesets)
        if ((await control.changeset(id))?.state === "awaiting-approval") await decisions.reject(id, by);
    }
    await branches.remove(one.branch, pull.head).catch(() => {});
    return { ...book, open: undefined, followed: followed(book, { ...open, notes }) };
  }

  async #rejected(one: Stack, book: PullRequestBook, open: OpenPullRequest): Promise<PullRequestBook> {
    const { control, decisions, host, branches } = this.#parts;
    for (const id of open.changesets)
      if ((await control.changeset(id))?.state === "awaiting-approval")
        await decisions.reject(id, `whoever closed ${host.name}#${open.number}`);
    if (open.envelope !== undefined && (await this.#envelope(one))?.commit === open.envelope.commit)
      await decisions.rejectEnvelope(open.envelope.id, `whoever closed ${host.name}#${open.number}`);
    await branches.remove(one.branch, open.tip).catch(() => {});
    return { ...book, open: undefined, followed: followed(book, open) };
  }

  /** A person pushed to the branch: other numbers are a new proposal, which constraints and policy judge as any other. */
  async #edited(one: Stack, open: OpenPullRequest, pull: PullRequest): Promise<OpenPullRequest> {
    if (!(await this.#parts.branches.fetch(one.branch, pull.head))) return open;
    return this.#editedNumbers(one, await this.#editedEnvelope(open, pull.head), pull);
  }

  /** A person's envelope takes the place of the engine's: it is for people to say what needs no asking. */
  async #editedEnvelope(open: OpenPullRequest, commit: string): Promise<OpenPullRequest> {
    if (open.envelope === undefined) return open;
    const text = await this.#parts.branches.read(commit, open.envelope.path);
    return text === undefined ? open : { ...open, envelope: { ...open.envelope, text } };
  }

  async #editedNumbers(one: Stack, open: OpenPullRequest, pull: PullRequest): Promise<OpenPullRequest> {
    const { decisions, host } = this.#parts;
    try {
      const differences = await this.#differences(one, open.changesets, pull.head);
      if (differences.length === 0) return { ...open, tip: pull.head };
      const author = await host.author(pull.head);
      const proposed: string[] = [];
      for (const { workload, after } of differences) {
        const { id } = await decisions.propose({
          workload,
          stack: one.stack,
          after,
          reasons: [{ kind: "pin", text: `${author} wrote these numbers in ${host.name}#${open.number}` }],
          mode: "review",
          editedBy: author,
        });
        proposed.push(id);
      }
      const names = differences.map(({ workload }) => workload).join(", ");
      return {
        ...noted(open, `${author} edited the capacity of ${names}; it is judged again`),
        tip: pull.head,
        ever: [...open.ever, ...proposed].slice(-MOST_KEPT),
      };
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return { ...noted(open, `commit ${pull.head.slice(0, 12)} cannot be read: ${error.message}`), tip: pull.head };
    }
  }

  /** Workloads of which a commit asks for other capacity than their changesets, or than the base branch where they have none. */
  async #differences(one: Stack, changesets: readonly string[], commit: string) {
    const { branches, control, workloads } = this.#parts;
    const read = async (at: string) => parseCapacity((await branches.read(at, one.path)) ?? "version: 1\n", one.path);
    const [there, base] = [await read(commit), await read((await branches.base()).commit)];
    const wanted = new Map<string, Capacity>();
    for (const id of changesets) {
      const changeset = await control.changeset(id);
      if (changeset !== undefined) wanted.set(changeset.workload, changeset.after);
    }
    const own = workloads.filter(({ stack: { dir, name } }) => dir === one.stack.dir && name === one.stack.name);
    return own.flatMap(({ name: workload }) => {
      const after = there.get(workload);
      const expected = wanted.get(workload) ?? base.get(workload);
      return after === undefined || digest(after) === digest(expected) ? [] : [{ workload, after }];
    });
  }

  /** Brings branch, pull request and comment up to what waits. */
  async #show(
    one: Stack,
    waiting: readonly Changeset[],
    envelope: WaitingEnvelope | undefined,
    book: PullRequestBook,
    save: (book: PullRequestBook) => Promise<void>,
  ): Promise<void> {
    const { host, branches, clock, expiry } = this.#parts;
    const base = await branches.base();
    const edit =
      ({ workload, after }: Changeset) =>
      (text: string) =>
        editCapacity(text, one.path, workload, after);
    const signature = digest([
      await branches.read(base.commit, one.path),
      ...waiting.map(({ id, commit }) => [id, commit]),
      ...(envelope === undefined ? [] : [envelope.commit]),
    ]);
    const known = book.open?.envelope?.commit === envelope?.commit ? book.open?.envelope : undefined;
    const shown = envelope && { ...envelope, text: known?.text ?? envelope.text };
    let { open, pushes } = book;
    let tip = open?.tip;
    let outdated: string | undefined;
    if (open?.signature !== signature) {
      const parts = waiting.map((changeset) => ({ like: changeset.commit!, path: one.path, edit: edit(changeset) }));
      if (shown !== undefined) parts.push({ like: shown.commit, path: shown.path, edit: () => shown.text });
      const commit = await branches.compose(base.commit, parts);
      const due = nextPush(pushes, clock.now());
      const expected = tip ?? (await branches.tip(one.branch));
      if (commit === expected) tip = commit;
      else if (due > clock.now())
        outdated = `**Do not merge yet.** Newer numbers follow at ${new Date(due * 1000).toISOString().slice(0, 16)}Z, when the branch may be pushed again; until then \`foreshadow approve\` takes them.`;
      else {
        if (!(await branches.push(one.branch, commit, expected))) return;
        tip = commit;
        pushes = [...pushesOfDay(pushes, clock.now()), clock.now()];
        await save({ ...book, pushes, ...(open && { open: { ...open, tip } }) });
      }
    }
    if (tip === undefined) return;
    const parts = await Promise.all(
      waiting.map(async (changeset) => ({
        changeset,
        outlook: outlookOf(changeset),
        diff: await branches.diff(changeset.baseCommit!, changeset.commit!, one.path),
        expiresAt: changeset.createdAt + expiry,
      })),
    );
    const envelopePart = shown && {
      envelope: shown,
      diff: await branches.diff(`${shown.commit}^`, shown.commit, shown.path),
    };
    const { title, body: told } = pullRequestText(one.stack.name, parts, envelopePart);
    const body = outdated === undefined ? told : `${outdated}\n\n${told}`;
    const text = textDigest(title, body);
    const changesets = waiting.map(({ id }) => id);
    if (open === undefined) {
      const pull =
        (await host.find(one.branch, base.branch)) ??
        (await host.open({ branch: one.branch, base: base.branch, title, body }));
      open = { number: pull.number, url: pull.url, tip, signature, text: "", changesets, ever: changesets, notes: [] };
      await save({ ...book, pushes, open });
    }
    if (open.text !== text) await host.edit(open.number, { title, body });
    open = {
      ...open,
      text,
      tip,
      envelope: shown && { id: shown.id, commit: shown.commit, path: shown.path, text: shown.text },
      ...(outdated === undefined && { signature, changesets }),
      ever: [...new Set([...open.ever, ...changesets])].slice(-MOST_KEPT),
    };
    await save({ ...book, pushes, open });
    if (open.notes.length > 0 || open.ever.length > changesets.length)
      await save({ ...book, pushes, open: { ...open, comment: await this.#comment(open) } });
  }

  /** Nothing waits any more: expired, superseded by nothing, decided at the command line. */
  async #withdraw(one: Stack, book: PullRequestBook, open: OpenPullRequest): Promise<PullRequestBook> {
    const { host, branches } = this.#parts;
    const comment = await this.#comment(open);
    await host.close(open.number);
    await branches.remove(one.branch, open.tip).catch(() => {});
    return { ...book, open: undefined, followed: followed(book, { ...open, comment }) };
  }

  /** Tells of merged and closed pull requests what came of them, and forgets those of which all has been told. */
  async #follow(all: readonly FollowedPullRequest[]): Promise<FollowedPullRequest[]> {
    const left: FollowedPullRequest[] = [];
    for (const one of all) {
      const comment = await this.#comment(one);
      const changesets = await this.#known(one.ever);
      if (!changesets.every(({ state }) => isFinal(state))) left.push({ ...one, comment });
    }
    return left;
  }

  async #comment({ number, ever, comment, notes }: FollowedPullRequest) {
    const text = statusText(await this.#known(ever), notes);
    const now = textDigest(text);
    if (comment?.text === now) return comment;
    return { id: await this.#parts.host.comment(number, MARKER, text, comment?.id), text: now };
  }

  async #known(ids: readonly string[]): Promise<Changeset[]> {
    const found = await Promise.all(ids.map((id) => this.#parts.control.changeset(id)));
    return found.filter((one) => one !== undefined);
  }
}

function noted(open: OpenPullRequest, note: string): OpenPullRequest {
  return { ...open, notes: [...open.notes, note].slice(-MOST_KEPT) };
}

function followed({ followed: others }: PullRequestBook, one: FollowedPullRequest): FollowedPullRequest[] {
  const { number, ever, comment, notes } = one;
  return [...others, { number, ever, notes, ...(comment && { comment }) }].slice(-MOST_KEPT);
}
