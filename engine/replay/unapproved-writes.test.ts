import assert from "node:assert/strict";
import { test } from "node:test";
import type { LedgerEntry } from "../orchestrator/change/ledger.port.ts";
import { unapprovedWrites } from "./unapproved-writes.ts";

const entry = (at: number, changeset: string | undefined, body: LedgerEntry["body"]): LedgerEntry => ({
  at,
  kind: "state",
  ...(changeset !== undefined && { changeset }),
  body,
  sequence: 1,
  previous: "",
  hash: "",
});
const LEDGER = [
  entry(0, undefined, { workloads: 1 }),
  entry(10, "c1", { event: "approval-required", changes: [{ resource: "web" }, { resource: "web-plan" }] }),
  entry(20, "c1", { event: "approved", by: "a person" }),
  entry(20, "c1", { event: "apply-started", approvedBy: "a person" }),
  entry(25, "c1", { event: "applied" }),
];
const write = (at: number, resource = "web") => ({ at, on: "update" as const, type: "aws:x", resource });

test("a write that falls into an approved apply of that resource is accounted for", () => {
  assert.deepEqual(
    unapprovedWrites([write(20), write(25, "web-plan")], LEDGER, () => true),
    [],
  );
});

test("a write before, after, on another resource or without a valid approval is named", () => {
  const strays = [write(19), write(26), write(22, "api")];
  assert.deepEqual(
    unapprovedWrites(strays, LEDGER, () => true),
    [
      "1970-01-01T00:00:19.000Z update web (aws:x)",
      "1970-01-01T00:00:26.000Z update web (aws:x)",
      "1970-01-01T00:00:22.000Z update api (aws:x)",
    ],
  );
  const asked: unknown[] = [];
  const held = (...approval: unknown[]) => {
    asked.push(approval);
    return false;
  };
  assert.equal(unapprovedWrites([write(22)], LEDGER, held).length, 1);
  assert.deepEqual(asked, [["a person", "c1", 22]]);
});

test("an apply that nobody saw the end of goes on", () => {
  assert.deepEqual(
    unapprovedWrites([write(1000)], LEDGER.slice(0, -1), () => true),
    [],
  );
});
