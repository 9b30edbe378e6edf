/** Seconds for which an answer is kept, and how many. */
const KEPT = 24 * 3600;
const MOST = 1000;

interface Answered<Result> {
  readonly fingerprint: string;
  readonly until: number;
  readonly result: Promise<Result>;
}

/** The same key came with another request. */
export class KeyReused extends Error {
  override readonly name = "KeyReused";
}

/**
 * Does a thing once for a key that its caller chose, so that one whose answer was lost may ask again
 * (draft-ietf-httpapi-idempotency-key-header-07). In memory: what an engine was asked before it ended, its state tells.
 */
export class OnceForKey<Result> {
  readonly #answered = new Map<string, Answered<Result>>();

  /**
   * @param key of one caller. @param fingerprint what tells its requests apart. @param now epoch seconds
   * @throws KeyReused, and what the work throws: a failure is not kept
   */
  run(key: string, fingerprint: string, now: number, work: () => Promise<Result>): Promise<Result> {
    const former = this.#answered.get(key);
    if (former !== undefined && now < former.until) {
      if (former.fingerprint === fingerprint) return former.result;
      throw new KeyReused(
        "expected the Idempotency-Key of a new request to be new, found one that another request had",
      );
    }
    const result = work();
    this.#answered.delete(key);
    this.#answered.set(key, { fingerprint, until: now + KEPT, result });
    result.catch(() => this.#answered.delete(key));
    for (const oldest of this.#answered.keys()) {
      if (this.#answered.size <= MOST) break;
      this.#answered.delete(oldest);
    }
    return result;
  }
}
