import type { Changeset, StackReference } from "../../model/changeset.ts";
import type { Clock } from "../clock.port.ts";
import type { CapacityBranch } from "../orchestrator/change/capacity-branch.port.ts";
import type { ControlStore } from "../orchestrator/change/control-store.port.ts";
import type { ReviewHost } from "../orchestrator/change/review-host.port.ts";
import { summarise } from "../orchestrator/change/summary.ts";
import { evidenceTrailers } from "../orchestrator/change/trailers.ts";

/** Seconds between two pushes for a stack: 24 a day at most. */
const EVERY = 3600;
/** Seconds until a remote that could not be reached is tried again. */
const RETRY = 300;
/** Changesets that one commit names. */
const MOST_NAMED = 50;

export interface PlanPublicationParts {
  readonly control: Pick<ControlStore, "value" | "setValue" | "changesets" | "record" | "head">;
  readonly review: Pick<ReviewHost, "head" | "read">;
  readonly branch: CapacityBranch;
  readonly clock: Clock;
  alert(text: string): void;
}

/** What is kept of a stack: when it was last pushed, and the end of the last changeset that was published. Epoch seconds. */
interface Published {
  readonly at: number;
  readonly upTo: number;
}

/**
 * Shows people what went on without asking: the capacity file as plans inside an envelope have left it, on `foreshadow/capacity`, at most once an hour a
 * stack. It comes after the fact and beside the ticks; a remote out of reach delays nothing but this.
 */
export class PlanPublication {
  readonly #parts: PlanPublicationParts;
  #nextTry = Number.NEGATIVE_INFINITY;
  #working: Promise<void> = Promise.resolve();
  #busy = false;

  constructor(parts: PlanPublicationParts) {
    this.#parts = parts;
  }

  /** Publishes what is due. While it is at work, and for a while after a failure, a call does nothing. */
  tend(stacks: readonly StackReference[]): Promise<void> {
    if (this.#busy || this.#parts.clock.now() < this.#nextTry) return this.#working;
    this.#busy = true;
    this.#working = this.#publishAll(stacks).finally(() => {
      this.#busy = false;
    });
    return this.#working;
  }

  /** Resolves when nothing is under way. */
  end(): Promise<void> {
    return this.#working;
  }

  async #publishAll(stacks: readonly StackReference[]): Promise<void> {
    const known = new Set<string>();
    for (const stack of stacks) {
      if (known.has(stack.name)) continue;
      known.add(stack.name);
      try {
        await this.#publish(stack.name);
      } catch (error) {
        this.#nextTry = this.#parts.clock.now() + RETRY;
        this.#parts.alert(`${stack.name}: plans were carried out and not published: ${(error as Error).message}`);
      }
    }
  }

  async #publish(stack: string): Promise<void> {
    const { control, review, branch, clock } = this.#parts;
    const now = clock.now();
    const key = `published:${stack}`;
    const kept = await control.value(key);
    const last: Published = kept === undefined ? { at: Number.MIN_SAFE_INTEGER, upTo: 0 } : JSON.parse(kept);
    if (now - last.at < EVERY) return;
    const done = (await control.changesets({ states: ["done"], limit: 200 }))
      .filter((one) => one.stack.name === stack && one.envelope !== undefined && one.updatedAt > last.upTo)
      .sort((a, b) => a.updatedAt - b.updatedAt);
    if (done.length === 0) return;
    const path = `capacity/${stack}.yaml`;
    const text = await review.read(await review.head(), path);
    if (text === undefined) return;
    const message = messageOf(stack, done, await control.head());
    const commit = await branch.publish({ path, text, message, at: now });
    await control.setValue(key, JSON.stringify({ at: now, upTo: done[done.length - 1].updatedAt }));
    if (commit === undefined) return;
    const body = { stack, commit, changesets: done.map(({ id }) => id) };
    await control.record({ at: now, kind: "publication", body });
  }
}

/** The last of each workload says what the file says now; all are named. */
function messageOf(stack: string, done: readonly Changeset[], head: { sequence: number; hash: string }): string {
  const last = [...new Map(done.map((one) => [one.workload, one])).values()];
  const named = done.slice(-MOST_NAMED);
  const trailers = [
    ...named.map(({ id }) => ["Foreshadow-Changeset", id] as const),
    ...last.flatMap((one) => evidenceTrailers(one)),
    ["Foreshadow-Ledger", `${head.sequence}:${head.hash}`] as const,
  ];
  const lines = last.map((one) => `- ${summarise(one)}`);
  if (done.length > last.length) lines.push(`- ${done.length - last.length} changes before these`);
  return `${stack}: plans inside the envelope [skip ci]\n\n${lines.join("\n")}\n\n${trailers.map(([name, value]) => `${name}: ${value.replaceAll("\n", " ")}`).join("\n")}\n`;
}
