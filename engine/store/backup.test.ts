import assert from "node:assert/strict";
import { appendFileSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { verifyLedger } from "../ledger/verify-ledger.ts";
import { backUpStore, restoreStore } from "./backup.ts";
import { openControlReader } from "./control-reader.ts";
import { openControlStore } from "./control-store.ts";
import { acquireInstance } from "./single-instance.ts";
import { createStoreDirectory, storeDirectory } from "./store-directory.ts";

const NOW = 1_800_000_000;

function setUp(t: TestContext) {
  const root = mkdtempSync(join(tmpdir(), "foreshadow-backup-"));
  t.after(() => rmSync(root, { recursive: true }));
  const directory = storeDirectory("sqlite:store", root);
  createStoreDirectory(directory);
  return { root, directory };
}

async function record(directory: ReturnType<typeof storeDirectory>, texts: readonly string[]) {
  const store = openControlStore(directory, () => {});
  for (const text of texts) await store.record({ at: NOW, kind: "note", body: { text } });
  store.close();
}

async function texts(directory: ReturnType<typeof storeDirectory>): Promise<unknown[]> {
  const reader = openControlReader(directory);
  try {
    const entries = await reader.ledger();
    const head = await reader.storedHead();
    assert.equal(verifyLedger(entries, { head, publicKey: reader.publicKey() }).valid, true);
    return entries.map(({ body }) => body.text);
  } finally {
    reader.close();
  }
}

test("a backup of a store that an engine writes is whole, and comes back with its ledger and key", async (t) => {
  const { root, directory } = setUp(t);
  const engine = openControlStore(directory, () => {});
  await engine.record({ at: NOW, kind: "note", body: { text: "one" } });
  const target = join(root, "backup");
  const { files } = await backUpStore(directory, target, NOW, "0.1.0");
  await engine.record({ at: NOW, kind: "note", body: { text: "two" } });
  engine.close();
  assert.deepEqual(files.map(({ name }) => name).sort(), ["control.db", "ledger.key", "ledger.pub"]);
  for (const name of readdirSync(target)) assert.equal(statSync(join(target, name)).mode & 0o077, 0);
  assert.equal(statSync(target).mode & 0o777, 0o700);
  const elsewhere = storeDirectory("sqlite:elsewhere", root);
  assert.equal((await restoreStore(target, elsewhere, false, NOW)).former, undefined);
  assert.deepEqual(await texts(elsewhere), ["one"]);
  await record(elsewhere, ["three"]);
  assert.deepEqual(await texts(elsewhere), ["one", "three"]);
});

test("a store that is there is replaced only when that is said, and kept beside", async (t) => {
  const { root, directory } = setUp(t);
  await record(directory, ["one"]);
  const target = join(root, "backup");
  await backUpStore(directory, target, NOW, "0.1.0");
  await record(directory, ["two"]);
  await assert.rejects(restoreStore(target, directory, false, NOW), /with --replace it is set aside first/);
  assert.deepEqual(await texts(directory), ["one", "two"]);
  const { former } = await restoreStore(target, directory, true, NOW);
  assert.deepEqual(await texts(directory), ["one"]);
  assert.deepEqual(await texts({ ...storeDirectory(`sqlite:${former}`, root) }), ["one", "two"]);
});

test("nothing is restored under an engine, or from a backup that was changed, and no backup is overwritten", async (t) => {
  const { root, directory } = setUp(t);
  await record(directory, ["one"]);
  const target = join(root, "backup");
  await backUpStore(directory, target, NOW, "0.1.0");
  await assert.rejects(backUpStore(directory, target, NOW, "0.1.0"), /never overwrites another/);
  const instance = acquireInstance(directory, NOW);
  await assert.rejects(restoreStore(target, directory, true, NOW), /another engine/);
  instance.release();
  appendFileSync(join(target, "control.db"), "x");
  await assert.rejects(restoreStore(target, directory, true, NOW), /not what was backed up/);
  assert.deepEqual(await texts(directory), ["one"]);
  const empty = storeDirectory("sqlite:empty", root);
  await assert.rejects(backUpStore(empty, join(root, "none"), NOW, "0.1.0"), /nothing to back up/);
  assert.equal(existsSync(join(root, "none")), false);
});
