import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { type Migration, migrate, requireVersion } from "./migrations.ts";
import { openDatabase } from "./sqlite-database.ts";

const first: Migration = { name: "first", sql: "CREATE TABLE a (x INTEGER) STRICT" };
const second: Migration = { name: "second", sql: "ALTER TABLE a ADD COLUMN y TEXT; UPDATE a SET y = 'new'" };
const broken: Migration = { name: "broken", sql: "CREATE TABLE b (x); DROP TABLE nowhere" };

function open(t: TestContext): { database: DatabaseSync; path: string } {
  const directory = mkdtempSync(join(tmpdir(), "foreshadow-migrations-"));
  const path = join(directory, "test.db");
  const database = openDatabase(path);
  t.after(() => {
    database.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return { database, path };
}

test("a new database gets the newest schema without a backup", (t) => {
  const { database, path } = open(t);
  assert.equal(migrate(database, path, [first, second]), undefined);
  database.exec("INSERT INTO a VALUES (1, 'z')");
  assert.equal(migrate(database, path, [first, second]), undefined);
  requireVersion(database, path, [first, second]);
});

test("a database with content is migrated step by step and copied before", (t) => {
  const { database, path } = open(t);
  migrate(database, path, [first]);
  database.exec("INSERT INTO a VALUES (1)");
  assert.throws(() => requireVersion(database, path, [first, second]), /version 1, expected 2/);
  const backup = migrate(database, path, [first, second]);
  assert.deepEqual({ ...database.prepare("SELECT * FROM a").get() }, { x: 1, y: "new" });
  assert.ok(backup !== undefined && existsSync(backup));
  const copy = new DatabaseSync(backup, { readOnly: true });
  assert.deepEqual({ ...copy.prepare("SELECT * FROM a").get() }, { x: 1 });
  assert.equal(copy.prepare("PRAGMA user_version").get()?.user_version, 1);
  copy.close();
});

test("a step that fails leaves the version before it, whole", (t) => {
  const { database, path } = open(t);
  migrate(database, path, [first]);
  assert.throws(() => migrate(database, path, [first, second, broken]), {
    name: "StoreError",
    message: /version 3, broken/,
  });
  requireVersion(database, path, [first, second]);
  assert.equal(database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'b'").get(), undefined);
});

test("a newer schema is refused", (t) => {
  const { database, path } = open(t);
  migrate(database, path, [first, second]);
  for (const attempt of [migrate, requireVersion])
    assert.throws(() => attempt(database, path, [first]), {
      kind: "newer",
      message: /schema is version 2, .* knows 1/,
    });
});
