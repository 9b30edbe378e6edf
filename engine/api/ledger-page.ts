import type { LedgerEntry } from "../orchestrator/change/ledger.port.ts";
import type { ApiEngine } from "./api-engine.port.ts";
import type { Page } from "./page.ts";

/** Entries that are read at once, and for one page. */
const PIECE = 1000;
const MOST_READ = 20_000;

export interface LedgerQuery {
  readonly limit: number;
  /** Sequence at which to begin. */
  readonly from?: number;
  /** `next` of the page before; before `from`. */
  readonly cursor?: number;
  readonly newest: "true" | "false";
  readonly kind?: string;
  readonly workload?: string;
  readonly changeset?: string;
}

/** A page of the ledger, oldest or newest first. A search reads so many entries at most; `next` says where it goes on. */
export async function ledgerPage(
  engine: Pick<ApiEngine, "ledger" | "summary">,
  { limit, from, cursor, newest, ...search }: LedgerQuery,
): Promise<Page<LedgerEntry>> {
  const total = (await engine.summary()).ledger.sequence;
  const back = newest === "true";
  const items: LedgerEntry[] = [];
  let at = Math.min(cursor ?? from ?? (back ? total : 1), total);
  for (let read = 0; read < MOST_READ && at >= 1 && at <= total && items.length < limit; ) {
    const first = back ? Math.max(1, at - PIECE + 1) : at;
    const piece = await engine.ledger(first, back ? at - first + 1 : PIECE);
    if (piece.length === 0) break;
    read += piece.length;
    for (const entry of back ? [...piece].reverse() : piece) {
      if (items.length === limit) break;
      at = entry.sequence + (back ? -1 : 1);
      if (fits(entry, search)) items.push(entry);
    }
  }
  return { items, next: at >= 1 && at <= total ? String(at) : null, total };
}

function fits(entry: LedgerEntry, search: Pick<LedgerQuery, "kind" | "workload" | "changeset">): boolean {
  return (["kind", "workload", "changeset"] as const).every(
    (key) => search[key] === undefined || entry[key] === search[key],
  );
}
