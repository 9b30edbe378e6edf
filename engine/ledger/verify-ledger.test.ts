import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import type { LedgerEntry, LedgerHead } from "../orchestrator/change/ledger.port.ts";
import { append, entryHash, formatAnchor, GENESIS, parseAnchor } from "./hash-chain.ts";
import { isSigned, signHead } from "./head-signature.ts";
import { verifyLedger } from "./verify-ledger.ts";

const key = generateKeyPairSync("ed25519");
const otherKey = generateKeyPairSync("ed25519");

/** A ledger and the signed head as it was after each entry. */
function ledgerOf(length: number): { entries: LedgerEntry[]; heads: LedgerHead[] } {
  const entries: LedgerEntry[] = [];
  for (let i = 0; i < length; i++)
    entries.push(append(entries.at(-1) ?? GENESIS, { at: 1000 + i, kind: "state", workload: "web", body: { n: i } }));
  return { entries, heads: [GENESIS, ...entries].map((place) => signHead(place, key.privateKey)) };
}

const kinds = (verification: ReturnType<typeof verifyLedger>) =>
  verification.problems.map(({ kind, sequence }) => `${kind} ${sequence}`);

const { entries, heads } = ledgerOf(8);
const head = heads[8];
const publicKey = key.publicKey;

test("an untouched ledger is valid; its tail is proven by an anchor at its end and by nothing less", () => {
  const verify = (anchors: { sequence: number; hash: string }[]) => verifyLedger(entries, { head, publicKey, anchors });
  const sound = { valid: true, entries: 8, problems: [] };
  assert.deepEqual(verify([entries[7]]), { ...sound, tail: "proven", anchoredTo: 8, unproven: 0 });
  assert.deepEqual(verify([entries[4]]), { ...sound, tail: "unproven", anchoredTo: 5, unproven: 3 });
  assert.deepEqual(verify([]), { ...sound, tail: "unproven", anchoredTo: 0, unproven: 8 });
});

test("an empty ledger is valid and proves nothing", () => {
  assert.deepEqual(verifyLedger([], { head: heads[0], publicKey }), {
    valid: true,
    entries: 0,
    problems: [],
    tail: "unproven",
    anchoredTo: 0,
    unproven: 0,
  });
});

test("each kind of damage is named, once, at its place", () => {
  const verify = (damaged: LedgerEntry[]) => kinds(verifyLedger(damaged, { head, publicKey }));
  const forged = append(entries[3], { at: 1, kind: "approval", body: {} });
  assert.deepEqual(verify(entries.with(2, { ...entries[2], body: { n: 99 } })), ["flipped 3"]);
  assert.deepEqual(verify(entries.with(2, { ...entries[2], hash: "0".repeat(64) })), ["flipped 3"]);
  assert.deepEqual(verify(entries.with(2, append(entries[1], { at: 1, kind: "state", body: {} }))), ["flipped 3"]);
  assert.deepEqual(verify(entries.toSpliced(3, 2)), ["dropped 4"]);
  assert.deepEqual(verify([entries[0], entries[1], entries[3], entries[2], ...entries.slice(4)]), [
    "reordered 4",
    "reordered 3",
  ]);
  assert.deepEqual(verify(entries.toSpliced(4, 0, forged)), ["inserted 5"]);
  assert.deepEqual(verify(entries.toSpliced(5, 0, entries[2])), ["inserted 3"]);
  assert.deepEqual(verify(entries.slice(0, 6)), ["truncated 7"]);
  assert.deepEqual(verify([...entries, append(entries[7], { at: 1, kind: "state", body: {} })]), ["inserted 9"]);
});

test("a chain rebuilt after a change is told by the head's signature, or by an anchor when the head is gone", () => {
  const rebuilt = rebuild(entries.with(2, { ...entries[2], body: { n: 99 } }));
  assert.deepEqual(kinds(verifyLedger(rebuilt, { head, publicKey })), ["signature 8"]);
  assert.deepEqual(kinds(verifyLedger(rebuilt, { anchors: [entries[4]] })), ["flipped 5"]);
  const signedAnew = signHead(rebuilt[7], otherKey.privateKey);
  assert.deepEqual(kinds(verifyLedger(rebuilt, { head: signedAnew, publicKey })), ["signature 8"]);
});

test("a tail cut together with its head shows against an anchor past the end; without one the tail is unproven", () => {
  const cut = entries.slice(0, 6);
  assert.deepEqual(kinds(verifyLedger(cut, { head: heads[6], publicKey, anchors: [entries[7]] })), ["truncated 7"]);
  assert.equal(verifyLedger(cut, { head: heads[6], publicKey, anchors: [entries[3]] }).tail, "unproven");
  assert.equal(verifyLedger(cut, {}).tail, "unproven");
});

test("a signed anchor proves as a plain one does; one that another key signed is told and proves nothing", () => {
  const verify = (anchors: LedgerHead[]) => verifyLedger(entries, { head, publicKey, anchors });
  assert.equal(verify([heads[8]]).tail, "proven");
  const forged = signHead({ sequence: 99, hash: "a".repeat(64) }, otherKey.privateKey);
  const found = verify([heads[8], forged, signHead(entries[3], otherKey.privateKey)]);
  assert.deepEqual(kinds(found), ["signature 99"]);
  assert.match(found.problems[0].text, /2 anchors in git/);
});

test("a signed head without a public key is not taken on trust", () => {
  assert.deepEqual(kinds(verifyLedger(entries, { head })), ["signature 8"]);
});

test("a signature holds for one head and one key", () => {
  assert.ok(isSigned(head, publicKey));
  assert.ok(!isSigned({ ...head, sequence: 7 }, publicKey));
  assert.ok(!isSigned({ ...head, signature: heads[7].signature }, publicKey));
  assert.ok(!isSigned(head, otherKey.publicKey));
});

test("an anchor survives its way through a commit's trailer", () => {
  const { sequence, hash } = head;
  assert.deepEqual(parseAnchor(formatAnchor(head)), head);
  assert.deepEqual(parseAnchor(formatAnchor({ sequence, hash })), { sequence, hash });
  for (const wrong of ["", "8", `08:${hash}`, `8:${hash}0`, `-1:${hash}`, "8:xyz", `8:${hash}:`, `8:${hash}:a b`])
    assert.equal(parseAnchor(wrong), undefined, wrong);
});

type Damage = (entries: LedgerEntry[], at: number, other: number) => LedgerEntry[];

const damages: Record<string, Damage> = {
  flipBody: (list, at) => list.with(at, { ...list[at], body: { ...list[at].body, n: -1 } }),
  flipTime: (list, at) => list.with(at, { ...list[at], at: list[at].at + 1 }),
  flipKind: (list, at) => list.with(at, { ...list[at], kind: "approval" }),
  flipHash: (list, at) =>
    list.with(at, { ...list[at], hash: list[at].hash.replace(/./, (c) => (c === "0" ? "1" : "0")) }),
  flipPrevious: (list, at) => list.with(at, { ...list[at], previous: "f".repeat(64) }),
  flipSequence: (list, at, other) => list.with(at, { ...list[at], sequence: list[at].sequence + 1 + other }),
  addField: (list, at) => list.with(at, { ...list[at], changeset: "other" }),
  drop: (list, at, other) => list.toSpliced(at, 1 + (other % 3)),
  swap: (list, at, other) => {
    const to = (at + 1 + other) % list.length;
    return list.with(at, list[to]).with(to, list[at]);
  },
  repeat: (list, at, other) => list.toSpliced(at, 0, list[other % list.length]),
  insert: (list, at) => list.toSpliced(at, 0, append(list[at - 1] ?? GENESIS, { at: 5, kind: "approval", body: {} })),
  extend: (list) => [...list, append(list.at(-1) ?? GENESIS, { at: 5, kind: "approval", body: {} })],
  truncate: (list, at) => list.slice(0, at),
};

/** What someone without the key can do: number and hash all entries anew, so that they form a chain again. */
function rebuild(list: readonly LedgerEntry[]): LedgerEntry[] {
  const rebuilt: LedgerEntry[] = [];
  for (const { sequence: _s, previous: _p, hash: _h, ...event } of list)
    rebuilt.push(append(rebuilt.at(-1) ?? GENESIS, event));
  return rebuilt;
}

test("whatever is done to the entries is found, or the tail is called unproven", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.record({ damage: fc.constantFrom(...Object.keys(damages)), at: fc.nat(1000), other: fc.nat(1000) }), {
        minLength: 1,
        maxLength: 3,
      }),
      fc.boolean(),
      fc.constantFrom("kept", "removed", "an older one", "signed by another key"),
      fc.array(fc.nat(1000), { maxLength: 3 }),
      (length, steps, chainRebuilt, headFate, anchored) => {
        const { entries: original, heads } = ledgerOf(length);
        let damaged = original;
        for (const { damage, at, other } of steps)
          if (damaged.length > 0) damaged = damages[damage](damaged, at % damaged.length, other % 7);
        if (chainRebuilt) damaged = rebuild(damaged);
        fc.pre(JSON.stringify(damaged) !== JSON.stringify(original));
        const end = Math.min(damaged.length, length);
        const heads4 = {
          kept: heads[length],
          removed: undefined,
          "an older one": heads[end],
          "signed by another key": signHead(damaged.at(-1) ?? GENESIS, otherKey.privateKey),
        };
        // An anchor at the very end of what is left, with the older head put back, is the one cut that leaves no trace.
        const anchors = anchored
          .map((i) => original[i % length])
          .filter((anchor) => anchor.sequence !== damaged.length);
        const found = verifyLedger(damaged, { head: heads4[headFate as keyof typeof heads4], publicKey, anchors });
        assert.ok(found.problems.length > 0 || found.tail === "unproven", JSON.stringify(found));
      },
    ),
    { numRuns: 300 },
  );
});

test("with the signed head in place every single damage is found", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.constantFrom(...Object.keys(damages)),
      fc.nat(1000),
      fc.nat(1000),
      fc.boolean(),
      (length, damage, at, other, chainRebuilt) => {
        const { entries: original, heads } = ledgerOf(length);
        let damaged = damages[damage](original, at % length, other % 7);
        if (chainRebuilt) damaged = rebuild(damaged);
        fc.pre(JSON.stringify(damaged) !== JSON.stringify(original));
        const found = verifyLedger(damaged, { head: heads[length], publicKey });
        assert.equal(found.valid, false);
        assert.ok(found.problems.every(({ text }) => text.length > 0));
      },
    ),
    { numRuns: 300 },
  );
});

test("an entry whose content is not JSON is a flipped entry, not an exception", () => {
  const broken = { ...entries[2], body: { n: Number.NaN } };
  assert.equal(entryHash(broken), undefined);
  assert.deepEqual(kinds(verifyLedger(entries.with(2, broken), { head, publicKey })), ["flipped 3"]);
});

test("an event beyond all measure is refused", () => {
  assert.throws(
    () => append(GENESIS, { at: 0, kind: "state", body: { text: "x".repeat(2 ** 20) } }),
    /ledger: expected/,
  );
});
