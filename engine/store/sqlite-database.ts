import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { StoreError, storeError } from "./store-error.ts";

export interface OpenOptions {
  readonly readOnly?: boolean;
  /** Milliseconds that a statement waits for another process's lock. It blocks the thread for as long. */
  readonly busyTimeout?: number;
  /** FULL syncs the log with every commit; NORMAL may lose the last commits with the machine, never the database. */
  readonly synchronous?: "FULL" | "NORMAL";
}

/**
 * Opens a database file with write-ahead logging, creating it for the owner alone.
 *
 * @throws StoreError
 */
export function openDatabase(path: string, options: OpenOptions = {}): DatabaseSync {
  const { readOnly = false, busyTimeout = 1000, synchronous = "FULL" } = options;
  let database: DatabaseSync | undefined;
  try {
    // SQLite would create it by the umask; its log and index take over the permissions of the file.
    if (!readOnly) closeSync(openSync(path, "a", 0o600));
    database = new DatabaseSync(path, { readOnly });
    database.exec(`PRAGMA busy_timeout = ${busyTimeout}`);
    // Reads the header, so that a file that is no database is told here.
    database.prepare("PRAGMA schema_version").get();
    if (readOnly) return database;
    database.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}; PRAGMA journal_size_limit = ${16 * 1024 ** 2}`,
    );
    return database;
  } catch (error) {
    database?.close();
    throw storeError(error, path, "opening the database");
  }
}

/** @throws StoreError when the database's pages do not fit together */
export function checkIntegrity(database: DatabaseSync, path: string): void {
  let found: unknown;
  try {
    found = database.prepare("PRAGMA quick_check(1)").get()?.quick_check;
  } catch (error) {
    throw storeError(error, path, "checking the database");
  }
  if (found !== "ok") throw new StoreError("corrupt", path, `the database is damaged: ${found}`);
}

/**
 * Runs `work` in one transaction that takes the write lock at its start; rolls it back when anything throws.
 *
 * @param doing for the message of a StoreError
 */
export function transaction<T>(database: DatabaseSync, path: string, doing: string, work: () => T): T {
  try {
    database.exec("BEGIN IMMEDIATE");
  } catch (error) {
    throw storeError(error, path, doing);
  }
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    try {
      database.exec("ROLLBACK");
    } catch {
      // SQLite has rolled back by itself, as it does when the disk is full.
    }
    throw storeError(error, path, doing);
  }
}
