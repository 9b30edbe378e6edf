import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createStoreDirectory, storeDirectory } from "./store-directory.ts";

test("the store's directory is relative to the project's", () => {
  assert.equal(storeDirectory("sqlite:.foreshadow", "/srv/shop").controlDatabase, "/srv/shop/.foreshadow/control.db");
  assert.equal(storeDirectory("sqlite:/var/lib/foreshadow", "/srv/shop").path, "/var/lib/foreshadow");
});

test("another kind of store is refused", () => {
  assert.throws(() => storeDirectory("postgres://db", "/srv"), { name: "StoreError", message: /sqlite:DIRECTORY/ });
});

test("a place where no directory can be is told", (t) => {
  const project = mkdtempSync(join(tmpdir(), "foreshadow-store-"));
  t.after(() => rmSync(project, { recursive: true, force: true }));
  writeFileSync(join(project, "file"), "");
  const directory = storeDirectory("sqlite:file/store", project);
  assert.throws(() => createStoreDirectory(directory), {
    name: "StoreError",
    message: /creating the store's directory/,
  });
});

test("a new store, which has a private key in it, is kept out of git", (t) => {
  const project = mkdtempSync(join(tmpdir(), "foreshadow-store-"));
  t.after(() => rmSync(project, { recursive: true, force: true }));
  createStoreDirectory(storeDirectory("sqlite:.foreshadow", project));
  assert.equal(readFileSync(join(project, ".foreshadow", ".gitignore"), "utf8"), "*\n");
});
