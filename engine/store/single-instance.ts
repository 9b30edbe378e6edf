import { closeSync, openSync, readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { formatInstant } from "../../model/instant.ts";
import { writeFileAtomically } from "../atomic-file.ts";
import { createStoreDirectory, type StoreDirectory } from "./store-directory.ts";
import { StoreError, storeError } from "./store-error.ts";

/** The right of this process to write a store; it ends with the process, however that ends. */
export interface Instance {
  release(): void;
}

/** Keeps the locks from being collected as garbage, which would close them. */
const held = new Set<DatabaseSync>();

/**
 * Takes the store for this process alone.
 *
 * The lock is SQLite's exclusive lock on a file of its own, that is a lock of the kernel on an open file: the kernel
 * drops it when the process dies, kill -9 included, children do not inherit it, and no pid can be mistaken for another.
 * Who has it stands in a file beside it, for the message alone.
 *
 * @param now epoch seconds
 * @throws StoreError of kind `busy`, naming the process that has the store
 */
export function acquireInstance(directory: StoreDirectory, now: number): Instance {
  const { instanceLock, path } = directory;
  const owner = `${instanceLock}.json`;
  createStoreDirectory(directory);
  let lock: DatabaseSync | undefined;
  try {
    closeSync(openSync(instanceLock, "a", 0o600));
    lock = new DatabaseSync(instanceLock);
    lock.exec("BEGIN EXCLUSIVE");
    writeFileAtomically(owner, `${JSON.stringify({ pid: process.pid, since: now })}\n`);
    held.add(lock);
    return instanceOf(lock);
  } catch (error) {
    lock?.close();
    const failure = storeError(error, instanceLock, "taking the store");
    if (!(failure instanceof StoreError) || failure.kind !== "busy") throw failure;
    throw new StoreError(
      "busy",
      path,
      `another engine${ownerText(owner)} uses this store. Stop it first, or name another store`,
      error,
    );
  }
}

function instanceOf(lock: DatabaseSync): Instance {
  return {
    release() {
      if (held.delete(lock)) lock.close();
    },
  };
}

function ownerText(path: string): string {
  try {
    const { pid, since } = JSON.parse(readFileSync(path, "utf8")) as { pid: number; since: number };
    return ` (pid ${pid}, since ${formatInstant(since)})`;
  } catch {
    return "";
  }
}
