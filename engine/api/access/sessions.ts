import type { Principal } from "./principal.ts";

/** Seconds that a session lasts at most, and without a request. */
const LONGEST = 12 * 3600;
const IDLE = 3600;
const MOST_SESSIONS = 1000;
/** Seconds within which the code of a link must be used. */
const CODE_LASTS = 120;
const MOST_CODES = 100;

export interface Session {
  readonly id: string;
  /** Must come with each write: another site can make a browser send its cookie, and cannot know this. */
  readonly csrf: string;
  readonly principal: Principal;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

/** Sessions of browsers, in memory: they end with the engine. */
export class Sessions {
  readonly #random: () => string;
  readonly #sessions = new Map<string, Session & { usedAt: number }>();
  readonly #codes = new Map<string, { readonly principal: Principal; readonly until: number }>();

  /** @param random gives a text that nobody guesses */
  constructor(random: () => string) {
    this.#random = random;
  }

  /** @param now epoch seconds */
  begin(principal: Principal, now: number): Session {
    this.#forget(now);
    const session = { id: this.#random(), csrf: this.#random(), principal, expiresAt: now + LONGEST, usedAt: now };
    this.#sessions.set(session.id, session);
    dropOldest(this.#sessions, MOST_SESSIONS);
    return session;
  }

  find(id: string, now: number): Session | undefined {
    this.#forget(now);
    const session = this.#sessions.get(id);
    if (session !== undefined) session.usedAt = now;
    return session;
  }

  end(id: string): void {
    this.#sessions.delete(id);
  }

  /** A code that begins one session, soon. */
  issueCode(principal: Principal, now: number): { readonly code: string; readonly expiresAt: number } {
    const code = this.#random();
    const until = now + CODE_LASTS;
    this.#codes.set(code, { principal, until });
    dropOldest(this.#codes, MOST_CODES);
    return { code, expiresAt: until };
  }

  /** Whom a code stands for. It is used up. */
  redeem(code: string, now: number): Principal | undefined {
    const found = this.#codes.get(code);
    this.#codes.delete(code);
    return found !== undefined && now < found.until ? found.principal : undefined;
  }

  #forget(now: number): void {
    for (const [id, { expiresAt, usedAt }] of this.#sessions)
      if (now >= expiresAt || now - usedAt >= IDLE) this.#sessions.delete(id);
  }
}

function dropOldest(map: Map<string, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}
