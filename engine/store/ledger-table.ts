import type { DatabaseSync, StatementSync } from "node:sqlite";
import { append, type ChainHead, entryText, GENESIS } from "../ledger/hash-chain.ts";
import { signHead } from "../ledger/head-signature.ts";
import type { LedgerEntry, LedgerEvent, LedgerHead } from "../orchestrator/change/ledger.port.ts";
import type { LedgerKey } from "./ledger-key.ts";

/** The ledger's rows. Appending is to be called inside a transaction; the head moves with the entries. */
export class LedgerTable {
  readonly #read: StatementSync;
  readonly #last: StatementSync;
  readonly #head: StatementSync;
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#read = database.prepare(
      "SELECT sequence, entry, hash FROM ledger WHERE sequence >= ? ORDER BY sequence LIMIT ?",
    );
    this.#last = database.prepare("SELECT sequence, hash FROM ledger ORDER BY sequence DESC LIMIT 1");
    this.#head = database.prepare("SELECT sequence, hash, signature FROM ledger_head");
  }

  append(event: LedgerEvent, { privateKey }: LedgerKey): LedgerHead {
    const entry = append(this.head() ?? GENESIS, event);
    this.#database
      .prepare("INSERT INTO ledger (sequence, entry, hash) VALUES (?, ?, ?)")
      .run(entry.sequence, entryText(entry), entry.hash);
    const head = signHead(entry, privateKey);
    this.#database
      .prepare("INSERT OR REPLACE INTO ledger_head (one, sequence, hash, signature) VALUES (1, ?, ?, ?)")
      .run(head.sequence, head.hash, head.signature);
    return head;
  }

  /** Entries as they are stored, in order; one that cannot be read is still an entry, which verification then reports. */
  entries(from: number, limit: number): LedgerEntry[] {
    return this.#read.all(from, limit).map((row) => entryOf(row as unknown as Row));
  }

  /** The stored head; `undefined` before the first entry. */
  head(): LedgerHead | undefined {
    const row = this.#head.get() as unknown as LedgerHead | undefined;
    return row && { sequence: row.sequence, hash: row.hash, signature: row.signature };
  }

  /** Place of the last row, which in an untouched ledger is where the head is. */
  last(): ChainHead {
    const row = this.#last.get() as unknown as ChainHead | undefined;
    return row ? { sequence: row.sequence, hash: row.hash } : GENESIS;
  }
}

interface Row {
  readonly sequence: number;
  readonly entry: string;
  readonly hash: string;
}

function entryOf({ sequence, entry, hash }: Row): LedgerEntry {
  try {
    const parsed = JSON.parse(entry) as LedgerEntry;
    if (typeof parsed.sequence === "number" && typeof parsed.kind === "string") return { ...parsed, hash };
  } catch {
    // Told below.
  }
  // A time that JSON cannot have: the entry never agrees with a hash.
  return { at: Number.NaN, kind: "unreadable", body: { text: entry }, sequence, previous: "", hash };
}
