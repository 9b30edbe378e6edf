const MOST_KEYS = 10_000;

/** Token buckets, one a key: so many at once, and so many a second for good (https://en.wikipedia.org/wiki/Token_bucket). */
export class RateLimit {
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #buckets = new Map<string, { left: number; at: number }>();

  constructor(burst: number, perSecond: number) {
    this.#burst = burst;
    this.#perSecond = perSecond;
  }

  /** Seconds until the key may again; 0 where it may now. @param now seconds of a clock that does not step back */
  wait(key: string, now: number): number {
    const left = this.#left(key, now);
    return left >= 1 ? 0 : (1 - left) / this.#perSecond;
  }

  /** Counts one. */
  take(key: string, now: number): void {
    const left = this.#left(key, now);
    // The newest last, so that those who have long been quiet are forgotten first.
    this.#buckets.delete(key);
    this.#buckets.set(key, { left: Math.max(0, left - 1), at: now });
    for (const oldest of this.#buckets.keys()) {
      if (this.#buckets.size <= MOST_KEYS) break;
      this.#buckets.delete(oldest);
    }
  }

  #left(key: string, now: number): number {
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return this.#burst;
    return Math.min(this.#burst, bucket.left + Math.max(0, now - bucket.at) * this.#perSecond);
  }
}
