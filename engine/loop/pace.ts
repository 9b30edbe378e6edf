import { setImmediate as turn } from "node:timers/promises";

/** Milliseconds of work between two turns of the event loop: whoever waits for it waits about that long. */
const SLICE = 4;

/** Lets the event loop turn in the middle of long work. Call it between pieces of less than a few milliseconds. */
export class Pace {
  #since = performance.now();

  /** Resolves at once, or after a turn of the event loop where a slice is used up. */
  async breathe(): Promise<void> {
    if (performance.now() - this.#since < SLICE) return;
    await turn();
    this.#since = performance.now();
  }
}
