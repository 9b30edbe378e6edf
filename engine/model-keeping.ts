export interface KeepingParts {
  /** Seconds from one time to the next. */
  readonly every: number;
  readonly startedAt: number;
  /** Takes the state. Resolves once ticks may go on; `kept` when the state would survive a crash. */
  readonly keep: () => Promise<{ readonly kept: Promise<void> }>;
  readonly say: (text: string) => void;
}

/** Has the state of the forecasts kept now and then, so that little is to be learnt again after a crash, and at the end. */
export class ModelKeeping {
  readonly #parts: KeepingParts;
  #last: number;
  #running: Promise<void> | undefined;

  constructor(parts: KeepingParts) {
    this.#parts = parts;
    this.#last = parts.startedAt;
  }

  /** After a tick: keeps the state where it is due and nobody does already. */
  tend(now: number): void {
    if (this.#running !== undefined || now - this.#last < this.#parts.every) return;
    this.#last = now;
    void this.#begin();
  }

  #begin(): Promise<void> {
    this.#running = this.#keep().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #keep(): Promise<void> {
    try {
      const { kept } = await this.#parts.keep();
      await kept;
    } catch (error) {
      this.#parts.say(`the forecasts' state was not kept: ${(error as Error).message}`);
    }
  }

  /** Keeps it now, also as the last time. */
  async now(): Promise<void> {
    await this.#running;
    await this.#begin();
  }
}
