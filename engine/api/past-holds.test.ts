import assert from "node:assert/strict";
import { test } from "node:test";
import type { LedgerEntry } from "../orchestrator/change/ledger.port.ts";
import { pastHolds } from "./past-holds.ts";

function ledgerOf(entries: readonly Pick<LedgerEntry, "at" | "kind" | "workload" | "body">[]) {
  const all = entries.map((entry, i) => ({ ...entry, sequence: i + 1 })) as LedgerEntry[];
  return {
    summary: async () => ({ ledger: { sequence: all.length, hash: "" } }) as never,
    ledger: async (from: number, limit: number) => all.slice(from - 1, from - 1 + limit),
  };
}

test("holds are spans: of the workload and of all, ended by a person, by time, by the next, or not yet", async () => {
  const spans = await pastHolds(
    ledgerOf([
      { at: 10, kind: "freeze", workload: "web", body: { by: "ann", reason: "night" } },
      { at: 12, kind: "freeze", workload: "api", body: { by: "ann" } },
      { at: 15, kind: "tick", body: {} },
      { at: 20, kind: "unfreeze", workload: "web", body: { by: "bo" } },
      { at: 30, kind: "pin", workload: "web", body: { by: "ann", min: 4, until: 40 } },
      { at: 50, kind: "pin", workload: "web", body: { by: "ann", max: 9, until: 200 } },
      { at: 60, kind: "pin", workload: "web", body: { by: "bo", max: 8, until: 200 } },
      { at: 70, kind: "freeze", workload: "*", body: { by: "ann", all: true } },
    ]),
    "web",
    100,
  );
  assert.deepEqual(
    spans.map(({ kind, workload, from, to, by }) => [kind, workload, from, to, by]),
    [
      ["freeze", "web", 10, 20, "ann"],
      ["pin", "web", 30, 40, "ann"],
      ["pin", "web", 50, 60, "ann"],
      ["pin", "web", 60, undefined, "bo"],
      ["freeze", "*", 70, undefined, "ann"],
    ],
  );
  assert.deepEqual([spans[0].reason, spans[1].min, spans[3].max], ["night", 4, 8]);
});
