import assert from "node:assert/strict";
import { test } from "node:test";
import { append, GENESIS } from "./hash-chain.ts";
import { verifyRecords } from "./verify-records.ts";

const saved = (revision: number, digest: string) => ({ revision, digest });
const first = append(GENESIS, { at: 1, kind: "state", changeset: "c1", body: { saved: saved(1, "aa") } });
const second = append(first, { at: 2, kind: "state", changeset: "c1", body: { saved: saved(2, "bb") } });
const told = (stored: Record<string, { revision: number; digest: string }>) =>
  verifyRecords([first, second], new Map(Object.entries(stored))).map(({ changeset }) => changeset);

test("a changeset that is as its last entry saved it is in order", () => {
  assert.deepEqual(told({ c1: saved(2, "bb") }), []);
});

test("a changeset that was edited, put back, removed or slipped in is told", () => {
  assert.deepEqual(told({ c1: saved(2, "b0") }), ["c1"]);
  assert.deepEqual(told({ c1: saved(1, "aa") }), ["c1"]);
  assert.deepEqual(told({}), ["c1"]);
  assert.deepEqual(told({ c1: saved(2, "bb"), c2: saved(1, "cc") }), ["c2"]);
});
