import type { StackReference } from "../../model/changeset.ts";
import { type Envelope, editEnvelope, envelopePath, parseEnvelope } from "../../model/envelope.ts";
import { type EnvelopeProposal, NotFound, Refused } from "../api/engine-control.port.ts";
import type { Clock } from "../clock.port.ts";
import type { ControlStore } from "../orchestrator/change/control-store.port.ts";
import type { ReviewHost } from "../orchestrator/change/review-host.port.ts";
import type { DecideInput } from "../orchestrator/decide.port.ts";
import { proposeEnvelope } from "../orchestrator/propose-envelope.ts";

const EVERY = 3600;
const DAY = 86_400;
/** The name of proposals, with the stack's after it: one a stack, which newer forecasts replace. */
export const ENVELOPE_PREFIX = "envelope-";

export interface EnvelopeUpkeepParts {
  readonly control: Pick<ControlStore, "value" | "setValue" | "record" | "head">;
  readonly review: Pick<ReviewHost, "head" | "read" | "propose" | "push" | "forget">;
  readonly clock: Clock;
  alert(text: string): void;
  note(text: string): void;
}

/** A workload in review mode, and what its last decision was made from. */
export interface EnvelopeSubject {
  readonly stack: StackReference;
  readonly input: DecideInput;
}

/** What is kept of a stack's proposal. */
interface Kept extends Omit<EnvelopeProposal, "changes"> {
  /** The envelope file that it starts from. */
  readonly before: string;
  readonly rejectedBy?: string;
}

/**
 * Proposes envelopes where a workload in review mode has none that holds for a day longer than its plans reach: as a commit on
 * `refs/foreshadow/envelope-STACK`, which people merge or approve. One proposal a stack, made anew once a day for as long as nobody answers.
 */
export class EnvelopeUpkeep {
  readonly #parts: EnvelopeUpkeepParts;
  #lastTry = Number.NEGATIVE_INFINITY;

  constructor(parts: EnvelopeUpkeepParts) {
    this.#parts = parts;
  }

  /** Looks at all stacks, at the first call and after that once an hour. What fails is told and tried again. */
  async whenDue(subjects: readonly EnvelopeSubject[]): Promise<void> {
    const now = this.#parts.clock.now();
    if (subjects.length === 0 || now - this.#lastTry < EVERY) return;
    this.#lastTry = now;
    for (const name of new Set(subjects.map(({ stack }) => stack.name))) {
      try {
        await this.#tend(
          name,
          subjects.filter(({ stack }) => stack.name === name),
        );
      } catch (error) {
        this.#parts.alert(`${name}: no envelope was proposed: ${(error as Error).message}`);
      }
    }
  }

  /** The proposals that wait. */
  async waiting(stacks: Iterable<string>): Promise<EnvelopeProposal[]> {
    const kept = await Promise.all([...new Set(stacks)].map((name) => this.#kept(name)));
    return kept.filter((one) => one !== undefined && one.rejectedBy === undefined).map((one) => shown(one!));
  }

  /**
   * Commits a proposal on the branch, for a person.
   *
   * @throws NotFound, Refused where the branch has another envelope by now
   */
  async approve(id: string, by: string): Promise<EnvelopeProposal> {
    const { review } = this.#parts;
    const kept = await this.#existing(id);
    const head = await review.head();
    if (((await review.read(head, kept.path)) ?? "") !== kept.before)
      throw new Refused(`${kept.path} has been changed since ${id} was proposed; a new one follows within the hour`);
    const commit = await this.#commit(kept, head);
    const pushed = await review.push(commit, head);
    if (pushed.outcome === "moved")
      throw new Refused(`the branch moved while ${id} was approved; look at it and approve again`);
    await this.#record("approved", { ...kept, commit }, { by });
    await this.#forget(kept);
    return shown({ ...kept, commit });
  }

  /** @throws NotFound */
  async reject(id: string, by: string): Promise<EnvelopeProposal> {
    const kept = await this.#existing(id);
    await this.#record("rejected", kept, { by });
    await this.#parts.review.forget([id]);
    await this.#keep({ ...kept, rejectedBy: by });
    return shown(kept);
  }

  async #tend(name: string, subjects: readonly EnvelopeSubject[]): Promise<void> {
    const { review, clock } = this.#parts;
    const now = clock.now();
    const path = envelopePath(`capacity/${name}.yaml`);
    const head = await review.head();
    const before = (await review.read(head, path)) ?? "";
    const present = before === "" ? new Map<string, Envelope>() : parseEnvelope(before, path);
    const wanted = subjects.filter(({ input }) => !holds(present.get(input.workload), input));
    const kept = await this.#kept(name);
    if (kept !== undefined && kept.rejectedBy === undefined && kept.before !== before) {
      // A person has merged it, or written another.
      await this.#record(before === kept.text ? "merged" : "superseded", kept);
      await this.#forget(kept);
    } else if (kept !== undefined && now - kept.at < DAY) return;
    let text = before;
    const workloads: string[] = [];
    for (const { input } of wanted) {
      const next = proposeEnvelope(input);
      if (next === undefined) continue;
      text = editEnvelope(text, path, input.workload, next);
      workloads.push(input.workload);
    }
    if (workloads.length === 0) {
      if (kept !== undefined && kept.before === before) await this.#lapse(kept);
      return;
    }
    const proposal = { id: `${ENVELOPE_PREFIX}${name}`, stack: name, path, workloads, text, before, at: now };
    const commit = await this.#commit(proposal, head);
    await this.#keep({ ...proposal, commit });
    await this.#record("proposed", { ...proposal, commit });
    this.#parts.note(
      `${proposal.id}: floors of the coming days for ${workloads.join(", ")} are proposed; look with \`foreshadow diff ${proposal.id}\`, then approve or merge refs/foreshadow/${proposal.id}`,
    );
  }

  async #lapse(kept: Kept): Promise<void> {
    if (kept.rejectedBy === undefined) await this.#record("expired", kept);
    await this.#forget(kept);
  }

  async #commit({ id, stack, path, workloads, text, at }: Omit<Kept, "commit">, parent: string): Promise<string> {
    const anchor = await this.#parts.control.head();
    return this.#parts.review.propose({
      changeset: id,
      parent,
      path,
      text,
      subject: `${stack}: envelope of ${workloads.join(", ")}`,
      body: "Floors by hour of the day (UTC) that need no further approval, from the lowest to the highest forecast quantile with half as much again to either side. Edit them as you like: constraints and policy hold all the same.",
      trailers: [
        ["Foreshadow-Proposal", id],
        ["Foreshadow-Ledger", `${anchor.sequence}:${anchor.hash}`],
      ],
      at,
    });
  }

  async #record(event: string, { id, path, workloads, commit, text }: Kept, detail: { by?: string } = {}) {
    const at = this.#parts.clock.now();
    const envelopes = Object.fromEntries([...parseEnvelope(text, path)].filter(([name]) => workloads.includes(name)));
    await this.#parts.control.record({ at, kind: "envelope", body: { event, id, path, commit, envelopes, ...detail } });
  }

  async #existing(id: string): Promise<Kept> {
    const kept = await this.#kept(id.slice(ENVELOPE_PREFIX.length));
    if (kept === undefined || kept.rejectedBy !== undefined) throw new NotFound(`no envelope ${id} waits`);
    return kept;
  }

  async #kept(name: string): Promise<Kept | undefined> {
    const text = await this.#parts.control.value(keyOf(name));
    return text === undefined || text === "" ? undefined : (JSON.parse(text) as Kept);
  }

  #keep(kept: Kept): Promise<void> {
    return this.#parts.control.setValue(keyOf(kept.stack), JSON.stringify(kept));
  }

  async #forget({ id, stack }: Kept): Promise<void> {
    await this.#parts.review.forget([id]);
    await this.#parts.control.setValue(keyOf(stack), "");
  }
}

/** Whether an envelope holds for a day longer than plans reach: so long a reviewer has before they begin to ask. */
function holds(envelope: Envelope | undefined, { now, plan }: DecideInput): boolean {
  return envelope !== undefined && envelope.until >= now + DAY + (plan?.horizon ?? DAY);
}

function shown({ id, stack, path, workloads, text, before, at, commit }: Kept): EnvelopeProposal {
  const [present, proposed] = [before === "" ? undefined : parseEnvelope(before, path), parseEnvelope(text, path)];
  const changes = workloads.flatMap((workload) => {
    const [was, after] = [present?.get(workload), proposed.get(workload)];
    return after === undefined ? [] : [{ workload, ...(was && { before: was }), after }];
  });
  return { id, stack, path, workloads, text, at, commit, changes };
}

function keyOf(stack: string): string {
  return `envelope:${stack}`;
}
