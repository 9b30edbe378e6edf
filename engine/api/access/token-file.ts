import { readFileSync, statSync } from "node:fs";
import { z } from "zod";
import { writeFileAtomically } from "../../atomic-file.ts";
import { SCOPES } from "./principal.ts";
import type { StoredToken } from "./token.ts";

const MOST_TOKENS = 1000;

const schema = z.strictObject({
  version: z.literal(1),
  tokens: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[0-9a-f]{12}$/),
        name: z.string().min(1).max(200),
        scopes: z.array(z.enum(SCOPES)).min(1),
        person: z.boolean(),
        hash: z.string().regex(/^[0-9a-f]{64}$/),
        createdAt: z.number(),
        expiresAt: z.number(),
        revokedAt: z.number().optional(),
      }),
    )
    .max(MOST_TOKENS),
});

/** The tokens of a store, in a file that only its owner may read. An engine sees a change at the next request. */
export class TokenFile {
  readonly #path: string;
  #seen: { readonly mark: string; readonly tokens: readonly StoredToken[] } | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** All of them, expired and revoked ones too. @throws Error when the file is damaged: nobody is let in by a guess */
  read(): readonly StoredToken[] {
    const mark = this.#mark();
    if (mark === undefined) return [];
    if (this.#seen?.mark !== mark) this.#seen = { mark, tokens: this.#parse() };
    return this.#seen.tokens;
  }

  add(token: StoredToken): void {
    const tokens = this.read();
    if (tokens.length >= MOST_TOKENS)
      throw new Error(
        `${this.#path}: expected fewer than ${MOST_TOKENS} tokens, found ${tokens.length}; prune them first`,
      );
    this.#write([...tokens, token]);
  }

  /** @returns whether there was one that was not revoked yet. @param now epoch seconds */
  revoke(id: string, now: number): boolean {
    const tokens = this.read();
    const found = tokens.some((one) => one.id === id && one.revokedAt === undefined);
    if (found) this.#write(tokens.map((one) => (one.id === id ? { ...one, revokedAt: now } : one)));
    return found;
  }

  /** Forgets those that let nobody in any more. @returns how many. @param now epoch seconds */
  prune(now: number): number {
    const tokens = this.read();
    const kept = tokens.filter(({ revokedAt, expiresAt }) => revokedAt === undefined && expiresAt > now);
    if (kept.length < tokens.length) this.#write(kept);
    return tokens.length - kept.length;
  }

  #mark(): string | undefined {
    try {
      const { mtimeMs, size, ino } = statSync(this.#path);
      return `${ino} ${mtimeMs} ${size}`;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  #parse(): readonly StoredToken[] {
    try {
      return schema.parse(JSON.parse(readFileSync(this.#path, "utf8"))).tokens;
    } catch {
      // What is wrong with it might quote it.
      throw new Error(
        `${this.#path}: expected the tokens of this store, found a damaged file; remove it and make new ones`,
      );
    }
  }

  #write(tokens: readonly StoredToken[]): void {
    writeFileAtomically(this.#path, `${JSON.stringify({ version: 1, tokens }, null, 1)}\n`);
  }
}
