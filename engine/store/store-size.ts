import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { StoreDirectory } from "./store-directory.ts";

/** Bytes of the files of a store. */
export interface StoreSize {
  /** Changesets and ledger. */
  readonly control: number;
  /** Series. */
  readonly usage: number;
  /** State of the forecasts, and the global model. */
  readonly models: number;
}

/** How large the files of a store are now, with what SQLite has still to write into them. What is not there takes nothing. */
export function storeSize({ path, controlDatabase, usageDatabase }: StoreDirectory): StoreSize {
  const database = (file: string) => bytesOf(file) + bytesOf(`${file}-wal`);
  const models = join(path, "models");
  return {
    control: database(controlDatabase),
    usage: database(usageDatabase),
    models: filesIn(models).reduce((sum, name) => sum + bytesOf(join(models, name)), 0),
  };
}

function filesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function bytesOf(file: string): number {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat?.isFile() ? stat.size : 0;
}
