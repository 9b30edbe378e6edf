import { existsSync, statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import type { Changeset } from "../../model/changeset.ts";
import type { Quarantine } from "../feedback/quarantine.ts";
import type { QuarantineStore } from "../feedback/quarantine-store.port.ts";
import { isSigned } from "../ledger/head-signature.ts";
import type { ControlStore, Freeze, Pin } from "../orchestrator/change/control-store.port.ts";
import type { LeasePort } from "../orchestrator/change/lease.port.ts";
import type { LedgerEvent, LedgerHead } from "../orchestrator/change/ledger.port.ts";
import { ControlReader } from "./control-reader.ts";
import { CONTROL_MIGRATIONS } from "./control-schema.ts";
import { type Holds, readHolds, updateHolds, withFreeze, withoutFreeze, withoutPin, withPin } from "./holds-file.ts";
import { LeaseTable } from "./lease-table.ts";
import { createLedgerKey, type LedgerKey, readLedgerKey } from "./ledger-key.ts";
import { LedgerTable } from "./ledger-table.ts";
import { migrate } from "./migrations.ts";
import { checkIntegrity, openDatabase, transaction } from "./sqlite-database.ts";
import { createStoreDirectory, type StoreDirectory } from "./store-directory.ts";
import { StoreError } from "./store-error.ts";

/** Is told, in words, what a person should know and what needs no decision. */
export type Notify = (message: string) => void;

/** Changesets, ledger, holds, leases and values in `control.db`, each write one transaction that is synced when it returns. */
export class SqliteControlStore extends ControlReader implements ControlStore, QuarantineStore {
  readonly lease: LeasePort;
  readonly #key: LedgerKey;
  readonly #notify: Notify;
  /** Holds that could not be written to their file: in force until it can be, or until this process ends. */
  #unwritten: Holds | undefined;

  constructor(database: DatabaseSync, directory: StoreDirectory, key: LedgerKey, notify: Notify) {
    super(database, directory);
    this.lease = new LeaseTable(database, directory.controlDatabase);
    this.#key = key;
    this.#notify = notify;
  }

  /** Stores revision `expectedRevision + 1`. The ledger entry carries its digest as `saved: { revision, digest }`. */
  async save(changeset: Changeset, expectedRevision: number, event: LedgerEvent): Promise<LedgerHead> {
    return this.#write(`saving changeset ${changeset.id}`, () => {
      const saved = this.changesetTable.save(changeset, expectedRevision);
      const body = { ...event.body, saved };
      const workload = event.workload ?? changeset.workload;
      return this.ledgerTable.append({ ...event, workload, changeset: changeset.id, body }, this.#key);
    });
  }

  async record(event: LedgerEvent): Promise<LedgerHead> {
    return this.#write("appending to the ledger", () => this.ledgerTable.append(event, this.#key));
  }

  async setFreeze(freeze: Freeze, event: LedgerEvent): Promise<void> {
    this.#hold((holds) => withFreeze(holds, freeze), event);
  }

  async removeFreeze(workload: string, event: LedgerEvent): Promise<void> {
    this.#hold((holds) => withoutFreeze(holds, workload), event);
  }

  async setPin(pin: Pin, event: LedgerEvent): Promise<void> {
    this.#hold((holds) => withPin(holds, pin), event);
  }

  async removePin(workload: string, event: LedgerEvent): Promise<void> {
    this.#hold((holds) => withoutPin(holds, workload), event);
  }

  /**
   * Records in the ledger what was frozen, pinned or released without the store, by a command line with the database
   * locked. To be called once a tick.
   *
   * @returns how many holds were recorded
   */
  async recordHolds(now: number): Promise<number> {
    const holds = this.#readableHolds();
    if (holds === undefined) return 0;
    const recorded = this.recordedHolds();
    const events = [
      ...lateEvents("freeze", holds.freezes, recorded.freezes, now),
      ...lateEvents("pin", holds.pins, recorded.pins, now),
    ];
    if (events.length > 0) this.#write("recording holds", () => this.#recordHolds(holds, events));
    return events.length;
  }

  async saveQuarantine(quarantine: Quarantine, event: LedgerEvent): Promise<void> {
    const { id, workload, from } = quarantine;
    this.#write(`saving quarantine ${id}`, () => {
      this.database
        .prepare(
          `INSERT INTO quarantine (id, workload, from_at, document) VALUES (?, ?, ?, ?)
           ON CONFLICT (id) DO UPDATE SET from_at = excluded.from_at, document = excluded.document`,
        )
        .run(id, workload, from, JSON.stringify(quarantine));
      this.ledgerTable.append(event, this.#key);
    });
  }

  async setValue(key: string, value: string): Promise<void> {
    this.#write(`storing ${key}`, () =>
      this.database.prepare("INSERT OR REPLACE INTO value (key, value) VALUES (?, ?)").run(key, value),
    );
  }

  protected override holds(): Holds {
    if (this.#unwritten === undefined) return super.holds();
    const holds = this.#unwritten;
    try {
      updateHolds(
        this.directory.holds,
        () => holds,
        () => holds,
      );
      this.#unwritten = undefined;
    } catch {
      // Still in force from memory; the next reading tries again.
    }
    return holds;
  }

  /** The hold is in force first, then recorded: a person's word does not wait for the database, nor fail with it. */
  #hold(change: (holds: Holds) => Holds, event: LedgerEvent): void {
    let holds: Holds;
    try {
      const base = this.#unwritten;
      const begin = base === undefined ? () => this.recordedHolds() : () => base;
      holds = updateHolds(this.directory.holds, begin, (stored) => change(base ?? stored));
      this.#unwritten = undefined;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      holds = change(this.holds());
      this.#unwritten = holds;
      this.#notify(`in force until the engine stops, but not written: ${error.message}`);
    }
    try {
      this.#write("recording a hold", () => this.#recordHolds(holds, [event]));
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#notify(`in force, but not yet in the ledger: ${error.message}`);
    }
  }

  /** `undefined` where there is no file or it is damaged: what then counts as held is nobody's word, and not recorded. */
  #readableHolds(): Holds | undefined {
    if (this.#unwritten !== undefined) return this.holds();
    try {
      return readHolds(this.directory.holds);
    } catch (error) {
      if (error instanceof StoreError) return undefined;
      throw error;
    }
  }

  #recordHolds(holds: Holds, events: readonly LedgerEvent[]): void {
    this.database.exec("DELETE FROM hold");
    const insert = this.database.prepare("INSERT INTO hold (kind, workload, document) VALUES (?, ?, ?)");
    for (const freeze of holds.freezes) insert.run("freeze", freeze.workload, JSON.stringify(freeze));
    for (const pin of holds.pins) insert.run("pin", pin.workload, JSON.stringify(pin));
    for (const event of events) this.ledgerTable.append(event, this.#key);
  }

  #write<T>(doing: string, work: () => T): T {
    return transaction(this.database, this.directory.controlDatabase, doing, work);
  }
}

function lateEvents<Hold extends Freeze | Pin>(
  kind: "freeze" | "pin",
  held: readonly Hold[],
  recorded: readonly Hold[],
  at: number,
): LedgerEvent[] {
  const text = (hold: Hold) => JSON.stringify(Object.entries(hold).sort());
  const known = new Map(recorded.map((hold) => [hold.workload, text(hold)]));
  const set = held.filter((hold) => known.get(hold.workload) !== text(hold));
  const names = new Set(held.map((hold) => hold.workload));
  return [
    ...set.map((hold) => ({ at, kind, workload: hold.workload, body: { ...hold, set: true, late: true } })),
    ...recorded
      .filter((hold) => !names.has(hold.workload))
      .map(({ workload }) => ({ at, kind, workload, body: { set: false, late: true } })),
  ];
}

/**
 * Opens the control store for the engine, creating it where there is none.
 *
 * @throws StoreError when it is damaged, of a newer version, or does not agree with its ledger's head and key. Nothing
 * is repaired or set aside: what stands in it cannot be had again.
 */
export function openControlStore(directory: StoreDirectory, notify: Notify = () => {}): SqliteControlStore {
  const path = directory.controlDatabase;
  createStoreDirectory(directory);
  refuseEmptied(directory);
  const database = openDatabase(path);
  try {
    checkIntegrity(database, path);
    const backup = migrate(database, path, CONTROL_MIGRATIONS);
    if (backup !== undefined) notify(`${path} was migrated; a copy of it before that is ${backup}`);
    return new SqliteControlStore(database, directory, keyFor(database, directory), notify);
  } catch (error) {
    database.close();
    throw error;
  }
}

/** A database that is gone or of no length, with its ledger's key still there, would silently begin anew. */
function refuseEmptied({ controlDatabase, ledgerKey }: StoreDirectory): void {
  const size = statSync(controlDatabase, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0 && existsSync(ledgerKey))
    throw new StoreError(
      "missing",
      controlDatabase,
      `it is gone, but ${ledgerKey} is still there. Restore it from a backup, or remove the key to begin a new ledger`,
    );
}

/** The key is created with the first, empty ledger; after that it must be the one that signed the head. */
function keyFor(database: DatabaseSync, directory: StoreDirectory): LedgerKey {
  const table = new LedgerTable(database);
  const [head, last] = [table.head(), table.last()];
  if (head === undefined && last.sequence === 0) createLedgerKey(directory);
  const key = readLedgerKey(directory);
  if (head === undefined && last.sequence === 0) return key;
  const agrees =
    head !== undefined && head.sequence === last.sequence && head.hash === last.hash && isSigned(head, key.publicKey);
  if (agrees) return key;
  throw new StoreError(
    "tampered",
    directory.controlDatabase,
    "the ledger does not end where its signed head says. Run `foreshadow ledger verify`, then restore a backup",
  );
}
