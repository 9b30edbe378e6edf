import type { KeyObject } from "node:crypto";
import { existsSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import type { Changeset, ChangesetState } from "../../model/changeset.ts";
import type { Quarantine } from "../feedback/quarantine.ts";
import { GENESIS } from "../ledger/hash-chain.ts";
import type { Freeze, Pin } from "../orchestrator/change/control-store.port.ts";
import type { LedgerEntry, LedgerHead } from "../orchestrator/change/ledger.port.ts";
import { type ChangesetFilter, ChangesetTable, type SavedRecord } from "./changeset-table.ts";
import { CONTROL_MIGRATIONS } from "./control-schema.ts";
import { type Holds, NO_HOLDS, readHolds } from "./holds-file.ts";
import { readLedgerPublicKey } from "./ledger-key.ts";
import { LedgerTable } from "./ledger-table.ts";
import { requireVersion } from "./migrations.ts";
import { openDatabase } from "./sqlite-database.ts";
import type { StoreDirectory } from "./store-directory.ts";
import { StoreError, storeError } from "./store-error.ts";

/** The reading half of the control store. */
export class ControlReader {
  protected readonly database: DatabaseSync;
  protected readonly directory: StoreDirectory;
  protected readonly changesetTable: ChangesetTable;
  protected readonly ledgerTable: LedgerTable;

  constructor(database: DatabaseSync, directory: StoreDirectory) {
    this.database = database;
    this.directory = directory;
    this.changesetTable = this.reading(() => new ChangesetTable(database));
    this.ledgerTable = this.reading(() => new LedgerTable(database));
  }

  async changeset(id: string): Promise<Changeset | undefined> {
    return this.reading(() => this.changesetTable.get(id));
  }

  /** Newest first; at most 1000 unless a limit is given. */
  async changesets(filter: ChangesetFilter = {}): Promise<Changeset[]> {
    return this.reading(() => this.changesetTable.list(filter));
  }

  async changesetCounts(): Promise<Map<ChangesetState, number>> {
    return this.reading(() => this.changesetTable.counts());
  }

  async ledger(from = 1, limit = -1): Promise<LedgerEntry[]> {
    return this.reading(() => this.ledgerTable.entries(from, limit));
  }

  /** The signed head; without an entry the genesis with an empty signature. */
  async head(): Promise<LedgerHead> {
    return (await this.storedHead()) ?? { ...GENESIS, signature: "" };
  }

  /** The head as it is stored, for `verifyLedger`; `undefined` when there is none. */
  async storedHead(): Promise<LedgerHead | undefined> {
    return this.reading(() => this.ledgerTable.head());
  }

  /** Revision and digest of each stored changeset, for `verifyRecords`. */
  async savedRecords(): Promise<Map<string, SavedRecord>> {
    return this.reading(() => this.changesetTable.records());
  }

  publicKey(): KeyObject | undefined {
    return readLedgerPublicKey(this.directory);
  }

  /** The freezes in force. When the file of holds is damaged, all workloads count as frozen. */
  async freezes(): Promise<Freeze[]> {
    return [...this.holds().freezes];
  }

  /** The pins in force at `now`. */
  async pins(now: number): Promise<Pin[]> {
    return this.holds().pins.filter((pin) => pin.until > now);
  }

  /** The newest first, at most 1000. */
  async quarantines(workload?: string): Promise<Quarantine[]> {
    const sql = `SELECT document FROM quarantine WHERE ?1 IS NULL OR workload = ?1 ORDER BY from_at DESC, rowid DESC LIMIT 1000`;
    const rows = this.reading(() => this.database.prepare(sql).all(workload ?? null));
    return rows.map(({ document }) => JSON.parse(String(document)) as Quarantine);
  }

  async value(key: string): Promise<string | undefined> {
    const row = this.reading(() => this.database.prepare("SELECT value FROM value WHERE key = ?").get(key));
    return row && String(row.value);
  }

  close(): void {
    this.database.close();
  }

  protected holds(): Holds {
    try {
      return readHolds(this.directory.holds) ?? this.recordedHolds();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      const recorded = this.recordedHolds();
      const reason = `the holds cannot be read: ${error.message}`;
      return {
        ...recorded,
        freezes: [...recorded.freezes, { workload: "*", all: false, since: 0, by: "foreshadow", reason }],
      };
    }
  }

  /** The holds as the ledger knows them. */
  protected recordedHolds(): Holds {
    const rows = this.reading(() => this.database.prepare("SELECT kind, document FROM hold ORDER BY rowid").all());
    let holds = NO_HOLDS;
    for (const { kind, document } of rows) {
      const hold = JSON.parse(String(document));
      if (kind === "freeze") holds = { ...holds, freezes: [...holds.freezes, hold as Freeze] };
      else holds = { ...holds, pins: [...holds.pins, hold as Pin] };
    }
    return holds;
  }

  protected reading<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw storeError(error, this.directory.controlDatabase, "reading");
    }
  }
}

/**
 * Opens the control store for reading, with or without a running engine. It is seen as it was at this moment, however
 * much the engine writes meanwhile: a head read a little after its entries would look like a cut tail.
 *
 * @throws StoreError when there is none, or it is damaged or of another version
 */
export function openControlReader(directory: StoreDirectory): ControlReader {
  const path = directory.controlDatabase;
  if (!existsSync(path))
    throw new StoreError("missing", path, "there is no store here yet. Start the engine once, or name another store");
  const database = openDatabase(path, { readOnly: true });
  try {
    // The first read inside the transaction fixes what all later ones see.
    database.exec("BEGIN");
    requireVersion(database, path, CONTROL_MIGRATIONS);
    return new ControlReader(database, directory);
  } catch (error) {
    database.close();
    throw error;
  }
}
