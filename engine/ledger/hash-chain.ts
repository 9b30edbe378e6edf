import { createHash } from "node:crypto";
import type { LedgerAnchor, LedgerEntry, LedgerEvent } from "../orchestrator/change/ledger.port.ts";
import { canonicalJson } from "./canonical-json.ts";

/** A place in the chain: how many entries there are, and the hash of the last. */
export interface ChainHead {
  readonly sequence: number;
  readonly hash: string;
}

/** Before the first entry. */
export const GENESIS: ChainHead = { sequence: 0, hash: "0".repeat(64) };

/** What a person can still read, and far more than an event needs: evidence lives in the changeset. */
const MAX_CHARACTERS = 1024 * 1024;

/**
 * Puts an event into its place after `head`. Pure: the same head and event give the same entry.
 *
 * @throws TypeError when the event is not plain JSON
 * @throws RangeError when its text is longer than 1 Mi characters
 */
export function append(head: ChainHead, event: LedgerEvent): LedgerEntry {
  const entry = { ...event, sequence: head.sequence + 1, previous: head.hash };
  const text = entryText(entry);
  if (text.length > MAX_CHARACTERS)
    throw new RangeError(
      `ledger: expected an event of at most ${MAX_CHARACTERS} characters, found ${text.length} in one of kind ${event.kind}`,
    );
  return { ...entry, hash: hashText(text) };
}

/** The text that an entry's hash is over: canonical JSON of everything but the hash. */
export function entryText(entry: Omit<LedgerEntry, "hash">): string {
  const { hash: _, ...rest } = entry as LedgerEntry;
  return canonicalJson(rest);
}

/** The hash that an entry should have; `undefined` when its content is not JSON at all. */
export function entryHash(entry: LedgerEntry): string | undefined {
  try {
    return hashText(entryText(entry));
  } catch {
    return undefined;
  }
}

function hashText(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

/** A place in the chain that is known from outside the store. */
export interface Anchor extends ChainHead {
  /** The ledger key's signature over the place, where the anchor carries one. */
  readonly signature?: string;
}

/** A place in the chain as it stands in a commit's `Foreshadow-Ledger` trailer. */
export function formatAnchor({ sequence, hash, signature }: Anchor): LedgerAnchor {
  return signature ? `${sequence}:${hash}:${signature}` : `${sequence}:${hash}`;
}

/** The place that an anchor names; `undefined` when the text is not `SEQUENCE:HASH` or `SEQUENCE:HASH:SIGNATURE`. */
export function parseAnchor(text: string): Anchor | undefined {
  const match = /^(0|[1-9]\d{0,15}):([0-9a-f]{64})(?::([A-Za-z0-9+/]{1,128}={0,2}))?$/.exec(text.trim());
  if (match === null) return undefined;
  const [, sequence, hash, signature] = match;
  return { sequence: Number(sequence), hash, ...(signature !== undefined && { signature }) };
}
