import type { KeyObject } from "node:crypto";
import type { LedgerEntry, LedgerHead } from "../orchestrator/change/ledger.port.ts";
import { type Anchor, type ChainHead, entryHash, GENESIS } from "./hash-chain.ts";
import { isSigned } from "./head-signature.ts";

export interface LedgerProblem {
  /** Sequence of the entry that is wrong, or of the first that is missing. */
  readonly sequence: number;
  readonly kind: "flipped" | "dropped" | "reordered" | "inserted" | "truncated" | "signature";
  readonly text: string;
}

export interface Verification {
  readonly valid: boolean;
  /** Entries that were read. */
  readonly entries: number;
  /** In the order of the entries; at most 100, after which the rest is left away. */
  readonly problems: readonly LedgerProblem[];
  /**
   * `proven` when an anchor kept outside the store names the last entry. `unproven` when entries came after the newest
   * anchor: whoever cuts them off and puts an old signed head back leaves no trace in the store.
   */
  readonly tail: "proven" | "unproven";
  /** Sequence of the newest anchor that agrees with the chain; 0 without one. */
  readonly anchoredTo: number;
  /** Entries after that: who cuts off no more than these may leave no trace. */
  readonly unproven: number;
}

export interface Witnesses {
  /** The signed head that is stored with the entries. */
  readonly head?: LedgerHead;
  /** The ledger's public key. Without it a head's signature cannot be checked, which is a problem of its own. */
  readonly publicKey?: KeyObject;
  /** Places of the chain known from outside the store: commit trailers, a running engine's own head. */
  readonly anchors?: readonly Anchor[];
}

const MAX_PROBLEMS = 100;

/**
 * Checks a ledger's entries, in the order in which they are stored, against each other, the signed head and the anchors.
 * The chain shows accidents and edits; against someone who rebuilds the chain stand the head's signature and the anchors.
 */
export function verifyLedger(entries: readonly LedgerEntry[], witnesses: Witnesses = {}): Verification {
  const { anchors, forged } = examine(witnesses);
  const last = lastPlace(entries);
  const hashes = hashesOf(entries);
  const problems = [
    ...chainProblems(entries),
    ...headProblems(last, hashes, witnesses),
    ...anchorProblems(last, hashes, anchors),
    ...forged,
  ].slice(0, MAX_PROBLEMS);
  const anchoredTo = newestAgreeing(hashes, anchors);
  const proven = problems.length === 0 && last.sequence > 0 && anchoredTo === last.sequence;
  return {
    valid: problems.length === 0,
    entries: entries.length,
    problems,
    tail: proven ? "proven" : "unproven",
    anchoredTo,
    unproven: Math.max(0, last.sequence - anchoredTo),
  };
}

/** The anchors to hold against the chain; one with a signature that is not this key's witnesses nothing, and is told once. */
function examine({ anchors = [], publicKey }: Witnesses): { anchors: readonly Anchor[]; forged: LedgerProblem[] } {
  const genuine = ({ signature, sequence, hash }: Anchor) =>
    signature === undefined || publicKey === undefined || isSigned({ sequence, hash, signature }, publicKey);
  const other = anchors.filter((anchor) => !genuine(anchor));
  const text = (sequence: number) =>
    `${other.length} anchors in git, of entry ${sequence} among others, do not bear this key's signature: they are forged, or of another ledger`;
  return {
    anchors: anchors.filter((anchor) => !other.includes(anchor)),
    forged: other.slice(0, 1).map(({ sequence }) => ({ sequence, kind: "signature", text: text(sequence) })),
  };
}

/** What the entries alone tell. One damage gives one problem: links are not compared across a place already reported. */
function chainProblems(entries: readonly LedgerEntry[]): LedgerProblem[] {
  const problems: LedgerProblem[] = [];
  const report = (sequence: number, kind: LedgerProblem["kind"], text: string) => {
    if (problems.length < MAX_PROBLEMS) problems.push({ sequence, kind, text });
  };
  const sequences = Float64Array.from(entries, (entry) => entry.sequence).sort();
  const seen = new Set<number>();
  let expected = 1;
  /** Hash that the next entry should name as its previous; undefined where that is not known. */
  let link: string | undefined = GENESIS.hash;
  for (const [position, entry] of entries.entries()) {
    const { sequence } = entry;
    if (entryHash(entry) !== entry.hash) {
      const surplus = entries[position + 1]?.sequence === expected || seen.has(sequence);
      if (surplus) report(sequence, "inserted", `at place ${position + 1} stands an entry that was never appended`);
      else {
        const gap = sequence > expected && entries[position + 1]?.sequence === sequence + 1;
        if (gap) report(expected, "dropped", `${spoken(expected, sequence - 1)} missing before entry ${sequence}`);
        const place = gap ? sequence : expected;
        report(place, "flipped", `entry ${place} is not what was written: its content does not give its hash`);
        expected = place + 1;
      }
      link = undefined;
    } else if (sequence === expected) {
      if (link !== undefined && entry.previous !== link)
        if (expected === 1) report(1, "flipped", "entry 1 does not begin the chain");
        else
          report(
            expected - 1,
            "flipped",
            `entry ${expected - 1} was rewritten: entry ${expected} follows another hash`,
          );
      expected += 1;
      link = entry.hash;
    } else if (sequence > expected) {
      const elsewhere = hasBetween(sequences, expected, sequence);
      if (elsewhere) report(sequence, "reordered", `entry ${sequence} stands where ${expected} should`);
      else report(expected, "dropped", `${spoken(expected, sequence - 1)} missing before entry ${sequence}`);
      expected = sequence + 1;
      link = entry.hash;
    } else if (seen.has(sequence)) {
      report(sequence, "inserted", `entry ${sequence} occurs twice`);
      link = undefined;
    } else report(sequence, "reordered", `entry ${sequence} stands after entry ${expected - 1}`);
    seen.add(sequence);
  }
  return problems;
}

function headProblems(
  last: ChainHead,
  hashes: ReadonlyMap<number, string>,
  { head, publicKey }: Witnesses,
): LedgerProblem[] {
  if (head === undefined) return [];
  const problem = (kind: LedgerProblem["kind"], sequence: number, text: string) => [{ sequence, kind, text }];
  if (publicKey === undefined)
    return problem("signature", head.sequence, "the head is signed, but there is no public key to check it with");
  if (!isSigned(head, publicKey))
    return problem("signature", head.sequence, `the head at entry ${head.sequence} does not bear this key's signature`);
  if (head.sequence > last.sequence)
    return problem(
      "truncated",
      last.sequence + 1,
      `the head was signed at entry ${head.sequence}, the entries end at ${last.sequence}`,
    );
  if (head.sequence < last.sequence)
    return problem("inserted", head.sequence + 1, `${spoken(head.sequence + 1, last.sequence)} beyond the signed head`);
  return hashes.get(head.sequence) === head.hash
    ? []
    : problem(
        "signature",
        head.sequence,
        `the head was signed over another entry ${head.sequence} than the stored one`,
      );
}

function anchorProblems(
  last: ChainHead,
  hashes: ReadonlyMap<number, string>,
  anchors: readonly ChainHead[],
): LedgerProblem[] {
  const problems: LedgerProblem[] = [];
  const past = anchors.filter((anchor) => anchor.sequence > last.sequence).map((anchor) => anchor.sequence);
  for (const anchor of anchors) {
    const stored = hashes.get(anchor.sequence);
    if (anchor.sequence <= last.sequence && stored !== undefined && stored !== anchor.hash)
      problems.push({
        sequence: anchor.sequence,
        kind: "flipped",
        text: `entry ${anchor.sequence} is not the one that was anchored: it or one before it was changed and the chain rebuilt`,
      });
  }
  if (past.length > 0)
    problems.push({
      sequence: last.sequence + 1,
      kind: "truncated",
      text: `entry ${past.reduce((a, b) => Math.max(a, b))} was anchored, the entries end at ${last.sequence}`,
    });
  return problems;
}

/** The entry with the greatest sequence, which need not stand last in a damaged ledger. */
function lastPlace(entries: readonly LedgerEntry[]): ChainHead {
  let last = GENESIS;
  for (const entry of entries) if (entry.sequence > last.sequence) last = entry;
  return last;
}

/** The stored hash of each sequence; where a damaged ledger has one twice, that of the entry in its right place. */
function hashesOf(entries: readonly LedgerEntry[]): Map<number, string> {
  const hashes = new Map([[GENESIS.sequence, GENESIS.hash]]);
  for (const [position, { sequence, hash }] of entries.entries())
    if (sequence === position + 1 || !hashes.has(sequence)) hashes.set(sequence, hash);
  return hashes;
}

function newestAgreeing(hashes: ReadonlyMap<number, string>, anchors: readonly ChainHead[]): number {
  let newest = 0;
  for (const { sequence, hash } of anchors) if (sequence > newest && hashes.get(sequence) === hash) newest = sequence;
  return newest;
}

/** Whether the ascending numbers have one in [from, to). */
function hasBetween(ascending: Float64Array, from: number, to: number): boolean {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle] < from) low = middle + 1;
    else high = middle;
  }
  return ascending[low] < to;
}

function spoken(from: number, to: number): string {
  return from === to ? `entry ${from} is` : `entries ${from} to ${to} are`;
}
