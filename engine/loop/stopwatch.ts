import type { Clock } from "../clock.port.ts";

/** What was done from one instant to another; epoch seconds. */
export interface Phase {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** Tells when things that are done one after another began and ended: as epoch seconds, and as finely as the monotonic clock. */
export class Stopwatch {
  readonly #clock: Clock;
  readonly #started: { readonly at: number; readonly monotonic: number };
  readonly phases: Phase[] = [];
  #since: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#started = { at: clock.now(), monotonic: clock.monotonic() };
    this.#since = this.#started.at;
  }

  /** What was done since the last call. */
  lap(name: string): void {
    const to = this.#now();
    this.phases.push({ name, from: this.#since, to });
    this.#since = to;
  }

  /** What was done since the last call was other work. */
  skip(): void {
    this.#since = this.#now();
  }

  #now(): number {
    return this.#started.at + this.#clock.monotonic() - this.#started.monotonic;
  }
}
