import { createHash, timingSafeEqual } from "node:crypto";
import type { Principal, Scope } from "./principal.ts";

/**
 * A token as it is kept: a hash of its secret, never the secret. The secret has 256 bits from the system's source, so that a plain SHA-256
 * is as hard to invert as guessing it.
 */
export interface StoredToken {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly person: boolean;
  /** SHA-256 of the secret, in hexadecimal digits. */
  readonly hash: string;
  /** Epoch seconds. */
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly revokedAt?: number;
}

export type TokenCheck =
  | { readonly principal: Principal }
  | { readonly refused: "unknown" | "expired" | "revoked"; readonly name?: string };

const FORM = /^fsh_([0-9a-f]{12})_([A-Za-z0-9_-]{43})$/;

/** A new token, and what is kept of it. @param random gives so many random bytes. @param now epoch seconds */
export function newToken(
  wanted: Pick<StoredToken, "name" | "scopes" | "person"> & { readonly lifetime: number },
  now: number,
  random: (bytes: number) => Buffer,
): { readonly token: string; readonly stored: StoredToken } {
  const id = random(6).toString("hex");
  const secret = random(32).toString("base64url");
  const { lifetime, ...rest } = wanted;
  return {
    token: `fsh_${id}_${secret}`,
    stored: { id, ...rest, hash: hashOf(secret), createdAt: now, expiresAt: now + lifetime },
  };
}

/** Whom a token lets in. Only who knows its secret hears that it has expired. @param now epoch seconds */
export function checkToken(token: string, stored: readonly StoredToken[], now: number): TokenCheck {
  const [, id, secret] = FORM.exec(token) ?? [];
  const found = stored.find((one) => one.id === id);
  if (found === undefined || !sameHash(hashOf(secret), found.hash)) return { refused: "unknown" };
  return standing(found, now);
}

/** Whether a token still holds, for a session that it began. @param now epoch seconds */
export function standing({ id, name, scopes, person, revokedAt, expiresAt }: StoredToken, now: number): TokenCheck {
  if (revokedAt !== undefined) return { refused: "revoked", name };
  if (now >= expiresAt) return { refused: "expired", name };
  return { principal: { name, scopes, person, token: id } };
}

function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

function sameHash(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one, "hex"), Buffer.from(other, "hex")];
  return a.length === b.length && timingSafeEqual(a, b);
}
