import type { SharedLeaseRecord } from "./orchestrator/change/lease.port.ts";

/** Clocks of this host, seconds. `wall` also goes on while the host sleeps, when the other may not. */
export interface Clocks {
  monotonic(): number;
  wall(): number;
}

/** Renewals in the time that a lease lasts. */
const RENEWALS = 4;
/** A record repeats itself after so many renewals: git is not to keep one for each. */
const BEATS = 16;
/** A candidate waits this much longer than a lease lasts: clocks of two hosts go at different rates. */
const MARGIN = 1.25;

/**
 * The lease by which engines with stores of their own agree who acts. No clock is compared with another host's: a holder counts from when it
 * began its last renewal, a candidate from when it first saw the record as it still is, and waits longer than the holder does. So
 * the holder has stopped before the candidate begins, whatever froze it.
 */
export class SharedLease {
  readonly #record: SharedLeaseRecord;
  readonly #holder: string;
  readonly #clocks: Clocks;
  /** Seconds. */
  readonly lasts: number;
  #held: { version: string; token: number; beat: number; until: { monotonic: number; wall: number } } | undefined;
  #watched: { version: string; since: number; last: number } | undefined;

  /** @param holder of this engine alone, and the same after a restart */
  constructor(record: SharedLeaseRecord, holder: string, lasts: number, clocks: Clocks) {
    this.#record = record;
    this.#holder = holder;
    this.lasts = lasts;
    this.#clocks = clocks;
  }

  /** Seconds between two calls of `tend`. */
  get every(): number {
    return this.lasts / RENEWALS;
  }

  /** Until when this engine may act, and with which token; `undefined` while it may not. */
  get held():
    | { readonly token: number; readonly until: { readonly monotonic: number; readonly wall: number } }
    | undefined {
    const { monotonic, wall } = this.#clocks;
    const held = this.#held;
    return held !== undefined && monotonic() < held.until.monotonic && wall() < held.until.wall ? held : undefined;
  }

  /**
   * Takes the lease where it is free, renews it where it is ours, and watches it otherwise. To be called every `every` seconds.
   *
   * @returns who has it, where that is another engine
   * @throws ReviewHostError when the record is out of reach: then it runs out
   */
  async tend(): Promise<string | undefined> {
    const began = this.#clocks.monotonic();
    const until = { monotonic: began + this.lasts, wall: this.#clocks.wall() + this.lasts };
    const { version, record } = await this.#record.read();
    if (this.#held !== undefined && version === this.#held.version) {
      const { token, beat } = this.#held;
      await this.#write(token, (beat + 1) % BEATS, version, until);
      return undefined;
    }
    this.#held = undefined;
    // A former engine of this store left it: the store has one engine at a time.
    const free = record === undefined || record.holder === "" || record.holder === this.#holder;
    if (!free && !this.#ranOut(version, began)) return record.holder;
    await this.#write((record?.token ?? 0) + 1, 0, version, until);
    return this.#held === undefined ? "another engine" : undefined;
  }

  /** Lets others have it at once. What is under way must have ended. */
  async release(): Promise<void> {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) await this.#record.write({ holder: "", token: held.token, beat: 0 }, held.version);
  }

  async #write(
    token: number,
    beat: number,
    expected: string,
    until: { monotonic: number; wall: number },
  ): Promise<void> {
    const version = await this.#record.write({ holder: this.#holder, token, beat }, expected);
    this.#held = version === undefined ? undefined : { version, token, beat, until };
    this.#watched = undefined;
  }

  /** Whether the record was watched, without a break in which it could have come round, for longer than a lease lasts. */
  #ranOut(version: string, now: number): boolean {
    const watched = this.#watched;
    const unbroken = watched?.version === version && now - watched.last < (BEATS / 2) * this.every;
    this.#watched = { version, since: unbroken ? watched.since : now, last: now };
    return now - this.#watched.since >= MARGIN * this.lasts;
  }
}
