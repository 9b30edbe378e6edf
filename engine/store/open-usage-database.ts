import { existsSync, renameSync, rmSync, statSync } from "node:fs";
import { migrate } from "./migrations.ts";
import { checkIntegrity, openDatabase } from "./sqlite-database.ts";
import { StoreError, storeError } from "./store-error.ts";
import { UsageDatabase } from "./usage-database.ts";
import { type Level, USAGE_MIGRATIONS } from "./usage-schema.ts";

/** A larger database is not read through when it is opened; damage then shows when it is met. */
const MAX_CHECKED_BYTES = 128 * 1024 ** 2;

/**
 * Opens the series, creating them where there are none. A damaged file is set aside under another name, with a message,
 * and a new one begun: usage comes anew every second, and the engine without it would leave demand unserved.
 *
 * @param now epoch seconds, for the name of the file that is set aside
 */
export function openUsageDatabase(
  path: string,
  levels: readonly Level[],
  now: number,
  notify: (message: string) => void,
): UsageDatabase {
  try {
    return open(path, levels);
  } catch (error) {
    if (!(error instanceof StoreError) || error.kind !== "corrupt") throw error;
    notify(setAside(path, now, error));
    return open(path, levels);
  }
}

function open(path: string, levels: readonly Level[]): UsageDatabase {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const database = openDatabase(path, { synchronous: "NORMAL", busyTimeout: 5000 });
  try {
    if (size <= MAX_CHECKED_BYTES) checkIntegrity(database, path);
    migrate(database, path, USAGE_MIGRATIONS);
    return new UsageDatabase(database, path, levels);
  } catch (error) {
    database.close();
    throw storeError(error, path, "opening the usage database");
  }
}

/** @returns what happened, for people */
export function setAside(path: string, now: number, error: Error): string {
  const aside = `${path}.damaged-${new Date(now * 1000).toISOString().replace(/[:.]/g, "")}`;
  renameSync(path, aside);
  for (const suffix of ["-wal", "-shm"]) {
    if (!existsSync(path + suffix)) continue;
    if (suffix === "-wal") renameSync(path + suffix, aside + suffix);
    else rmSync(path + suffix);
  }
  return `${error.message}. It was set aside as ${aside} and a new one begun: the usage of the past is missing until it has been measured again`;
}
