import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { StoreError, storeError } from "./store-error.ts";

/** The files of a store. Only the engine that holds `instance.lock` writes the databases. */
export interface StoreDirectory {
  readonly path: string;
  readonly controlDatabase: string;
  readonly usageDatabase: string;
  /** Ed25519 private key of the ledger, PEM. */
  readonly ledgerKey: string;
  readonly ledgerPublicKey: string;
  /** Freezes and pins, readable with the databases gone. */
  readonly holds: string;
  readonly instanceLock: string;
}

/**
 * The store that a project names.
 *
 * @param store `sqlite:DIRECTORY`, relative to the project
 * @param project the directory of `foreshadow.yaml`
 * @throws StoreError when the store is of another kind
 */
export function storeDirectory(store: string, project: string): StoreDirectory {
  const match = /^sqlite:(.+)$/s.exec(store);
  if (match === null) throw new StoreError("missing", store, "expected a store of the form sqlite:DIRECTORY");
  const path = resolve(project, match[1]);
  const file = (name: string) => join(path, name);
  return {
    path,
    controlDatabase: file("control.db"),
    usageDatabase: file("usage.db"),
    ledgerKey: file("ledger.key"),
    ledgerPublicKey: file("ledger.pub"),
    holds: file("holds.json"),
    instanceLock: file("instance.lock"),
  };
}

/**
 * Creates the directory, for the owner alone, where it is not there, and keeps it out of git: the ledger's private key is in it. One that
 * exists keeps its permissions.
 */
export function createStoreDirectory({ path }: StoreDirectory): void {
  try {
    if (mkdirSync(path, { recursive: true, mode: 0o700 }) !== undefined) writeFileSync(join(path, ".gitignore"), "*\n");
  } catch (error) {
    throw storeError(error, path, "creating the store's directory");
  }
}
