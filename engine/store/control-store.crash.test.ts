import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { siblingModule } from "../../model/sibling.ts";
import { verifyLedger } from "../ledger/verify-ledger.ts";
import { verifyRecords } from "../ledger/verify-records.ts";
import { openControlReader } from "./control-reader.ts";
import { openControlStore } from "./control-store.ts";
import { storeDirectory } from "./store-directory.ts";

test("killed at any moment, the store has all that it promised and no changeset without its entry", async (t) => {
  const project = mkdtempSync(join(tmpdir(), "foreshadow-crash-"));
  t.after(() => rmSync(project, { recursive: true, force: true }));
  const directory = storeDirectory("sqlite:store", project);
  let total = 0;
  for (let run = 0; run < 4; run++) {
    const fixture = siblingModule(import.meta.url, "./control-store.fixture");
    const writer = spawn(process.execPath, [fixture, project, String(run)], { stdio: ["ignore", "pipe", "inherit"] });
    let told = "";
    writer.stdout.on("data", (data) => {
      told += data;
    });
    await once(writer.stdout, "data");
    await sleep(20 + Math.random() * 80);
    writer.kill("SIGKILL");
    await once(writer, "close");
    const promised = Number(told.slice(0, told.lastIndexOf("\n")).split("\n").at(-1));

    const reader = openControlReader(directory);
    const entries = await reader.ledger();
    const witnesses = { head: await reader.storedHead(), publicKey: reader.publicKey() };
    assert.deepEqual(verifyLedger(entries, witnesses).problems, []);
    assert.deepEqual(verifyRecords(entries, await reader.savedRecords()), []);
    assert.ok(entries.length >= promised, `${entries.length} entries, ${promised} promised`);
    assert.ok(entries.length > total);
    total = entries.length;
    reader.close();
  }
  const store = openControlStore(directory);
  await store.recordHolds(0);
  assert.equal(await store.recordHolds(0), 0);
  store.close();
});

test("a full disk is told, nothing is half written, and a freeze is in force all the same", async (t) => {
  const project = mkdtempSync(join(tmpdir(), "foreshadow-full-"));
  let mounted = false;
  t.after(() => {
    if (mounted) execFileSync("umount", [project]);
    rmSync(project, { recursive: true, force: true });
  });
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=512k", "tmpfs", project], { stdio: "ignore" });
    mounted = true;
  } catch {
    t.skip("a small file system cannot be mounted here");
    return;
  }
  const messages: string[] = [];
  const store = openControlStore(storeDirectory("sqlite:.", project), (message) => messages.push(message));
  try {
    const text = "x".repeat(20_000);
    let saved = 0;
    await assert.rejects(
      async () => {
        for (; saved < 1000; saved++) await store.record({ at: saved, kind: "tick", body: { text } });
      },
      { name: "StoreError", kind: "full", message: /control\.db: .*no space is left; nothing was written/ },
    );
    assert.ok(saved > 0);
    const freeze = { workload: "web", all: false, since: 1, by: "ann", reason: "y".repeat(9000) };
    await store.setFreeze(freeze, { at: 1, kind: "freeze", body: { text } });
    assert.deepEqual(await store.freezes(), [freeze]);
    assert.ok(messages.length > 0);
    const entries = await store.ledger();
    assert.equal(entries.length, saved);
    const witnesses = { head: await store.storedHead(), publicKey: store.publicKey() };
    assert.deepEqual(verifyLedger(entries, witnesses).problems, []);
  } finally {
    store.close();
  }
});
