import assert from "node:assert/strict";
import { test } from "node:test";
import type { LedgerEntry } from "../orchestrator/change/ledger.port.ts";
import type { StatusView } from "./engine-control.port.ts";
import { type LedgerQuery, ledgerPage } from "./ledger-page.ts";

function engineOf(count: number) {
  const entries = Array.from({ length: count }, (_, i) => ({
    sequence: i + 1,
    kind: (i + 1) % 1500 === 0 ? "apply" : "tick",
  }));
  return {
    summary: async () => ({ ledger: { sequence: count } }) as StatusView,
    ledger: async (from: number, limit: number) => entries.slice(from - 1, from - 1 + limit) as LedgerEntry[],
  };
}

async function all(count: number, query: Partial<LedgerQuery>): Promise<number[][]> {
  const pages: number[][] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const at = cursor === undefined ? {} : { cursor: Number(cursor) };
    const page = await ledgerPage(engineOf(count), { limit: 2, newest: "false", ...query, ...at });
    pages.push(page.items.map(({ sequence }) => sequence));
    cursor = page.next;
    if (pages.length > 50) throw new Error("the pages do not end");
  }
  return pages;
}

test("pages go on where the last ended, oldest or newest first", async () => {
  assert.deepEqual(await all(5, {}), [[1, 2], [3, 4], [5]]);
  assert.deepEqual(await all(5, { newest: "true" }), [[5, 4], [3, 2], [1]]);
  assert.deepEqual(await all(5, { from: 4 }), [[4, 5]]);
  assert.deepEqual(await all(5, { from: 2, newest: "true" }), [[2, 1]]);
  assert.deepEqual(await all(0, {}), [[]]);
});

test("a search finds what is far apart, and reads so much at most", async () => {
  assert.deepEqual((await all(4000, { kind: "apply" })).flat(), [1500, 3000]);
  assert.deepEqual((await all(4000, { kind: "apply", newest: "true" })).flat(), [3000, 1500]);
  const { items, next } = await ledgerPage(engineOf(50_000), { limit: 2, newest: "false", kind: "none" });
  assert.deepEqual([items, next], [[], "20001"]);
});
