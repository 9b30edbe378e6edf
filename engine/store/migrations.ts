import { rmSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { transaction } from "./sqlite-database.ts";
import { StoreError, storeError } from "./store-error.ts";

/** One step of a schema. What was released never changes; a later step alters it. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/**
 * Brings a database to the newest schema; its version is the number of migrations applied, in `user_version`. A database
 * with content is copied first, to `PATH.vVERSION.backup`. Each step is one transaction: a crash leaves a whole version.
 *
 * @returns the backup's path when one was made
 * @throws StoreError of kind `newer` when the database has seen more migrations than are known here
 */
export function migrate(database: DatabaseSync, path: string, migrations: readonly Migration[]): string | undefined {
  const found = schemaVersion(database, path);
  refuseOther(database, path, found, migrations.length);
  if (found === migrations.length) return undefined;
  const backup = found === 0 ? undefined : backUp(database, path, found);
  for (const [index, { name, sql }] of migrations.entries())
    transaction(database, path, `migrating to version ${index + 1}, ${name}`, () => {
      if (schemaVersion(database, path) !== index) return;
      database.exec(sql);
      database.exec(`PRAGMA user_version = ${index + 1}`);
    });
  return backup;
}

/** @throws StoreError unless the database is of exactly the version that is known here; for reading alone */
export function requireVersion(database: DatabaseSync, path: string, migrations: readonly Migration[]): void {
  const found = schemaVersion(database, path);
  refuseOther(database, path, found, migrations.length);
  if (found < migrations.length)
    throw new StoreError(
      "missing",
      path,
      found === 0
        ? "it is empty. Start the engine once to create it"
        : `its schema is version ${found}, expected ${migrations.length}. Start the engine once to migrate it`,
    );
}

function refuseOther(database: DatabaseSync, path: string, found: number, known: number): void {
  if (found > known)
    throw new StoreError(
      "newer",
      path,
      `its schema is version ${found}, this version of foreshadow knows ${known}. Use the newer foreshadow that wrote it`,
    );
  if (found === 0 && hasTables(database, path))
    throw new StoreError("corrupt", path, "it is a database, but not one of foreshadow. Name another store directory");
}

function hasTables(database: DatabaseSync, path: string): boolean {
  try {
    return database.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() !== undefined;
  } catch (error) {
    throw storeError(error, path, "reading the schema");
  }
}

function schemaVersion(database: DatabaseSync, path: string): number {
  try {
    return Number(database.prepare("PRAGMA user_version").get()?.user_version);
  } catch (error) {
    throw storeError(error, path, "reading the schema's version");
  }
}

function backUp(database: DatabaseSync, path: string, version: number): string {
  const backup = `${path}.v${version}.backup`;
  try {
    rmSync(backup, { force: true });
    database.prepare("VACUUM INTO ?").run(backup);
    return backup;
  } catch (error) {
    throw storeError(error, backup, "backing up the database before its migration");
  }
}
