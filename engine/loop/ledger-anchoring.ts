import type { Clock } from "../clock.port.ts";
import { formatAnchor } from "../ledger/hash-chain.ts";
import type { ControlStore } from "../orchestrator/change/control-store.port.ts";
import type { ReviewHost } from "../orchestrator/change/review-host.port.ts";

/** Seconds between two anchors while nothing else asks for one. */
const EVERY = 3600;

/**
 * Puts the ledger's head where whoever edits the store does not reach: into git. Entries up to the newest anchor cannot be cut off
 * without a trace; those after it can, so an anchor is made each hour, after the end of each changeset and at a stop.
 */
export class LedgerAnchoring {
  readonly #control: Pick<ControlStore, "head">;
  readonly #review: Pick<ReviewHost, "anchor">;
  readonly #clock: Clock;
  readonly #alert: (text: string) => void;
  #lastTry = Number.NEGATIVE_INFINITY;

  constructor(
    control: Pick<ControlStore, "head">,
    review: Pick<ReviewHost, "anchor">,
    clock: Clock,
    alert: (text: string) => void,
  ) {
    this.#control = control;
    this.#review = review;
    this.#clock = clock;
    this.#alert = alert;
  }

  /** Anchors when an hour has passed since the last time. */
  async whenDue(): Promise<void> {
    if (this.#clock.now() - this.#lastTry >= EVERY) await this.now();
  }

  /** Anchors the head as it is. Git out of reach is told and stops nothing: the next anchor covers what this one would have. */
  async now(): Promise<void> {
    const at = this.#clock.now();
    this.#lastTry = at;
    try {
      const head = await this.#control.head();
      if (head.sequence > 0) await this.#review.anchor(formatAnchor(head), at);
    } catch (error) {
      this.#alert(`the ledger was not anchored in git: ${(error as Error).message}`);
    }
  }
}
