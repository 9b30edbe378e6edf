import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import type { Changeset } from "../../model/changeset.ts";
import { verifyLedger } from "../ledger/verify-ledger.ts";
import type { Freeze } from "../orchestrator/change/control-store.port.ts";
import type { LedgerEvent } from "../orchestrator/change/ledger.port.ts";
import { openControlReader } from "./control-reader.ts";
import { openControlStore, type SqliteControlStore } from "./control-store.ts";
import { NO_HOLDS, readHolds, updateHolds, withFreeze, withoutFreeze } from "./holds-file.ts";
import { storeDirectory } from "./store-directory.ts";

function place(t: TestContext) {
  const project = mkdtempSync(join(tmpdir(), "foreshadow-control-"));
  t.after(() => rmSync(project, { recursive: true, force: true }));
  return storeDirectory("sqlite:store", project);
}

const capacity = {
  owns: "desired",
  replicas: { count: 2 },
  plan: [],
  perReplica: {},
  storage: {},
  network: {},
} as const;

function changeset(id: string, over: Partial<Changeset> = {}): Changeset {
  return {
    id,
    workload: "web",
    stack: { dir: "stacks/local", name: "dev" },
    state: "proposed",
    createdAt: 1000,
    updatedAt: 1000,
    revision: 1,
    before: capacity,
    after: { ...capacity, replicas: { count: 4 } },
    reasons: [{ kind: "demand", text: "demand asks for 4" }],
    ...over,
  };
}

const event = (kind = "state", body = {}): LedgerEvent => ({ at: 1000, kind, body });
const freeze: Freeze = { workload: "web", all: false, since: 5, by: "ann" };

async function verify(store: {
  ledger: SqliteControlStore["ledger"];
  storedHead: SqliteControlStore["storedHead"];
  publicKey: SqliteControlStore["publicKey"];
}) {
  return verifyLedger(await store.ledger(), { head: await store.storedHead(), publicKey: store.publicKey() });
}

test("a changeset and its ledger entry are saved together and are there after a restart", async (t) => {
  const directory = place(t);
  const store = openControlStore(directory);
  const head = await store.save(changeset("c1"), 0, event());
  await store.save(changeset("c1", { state: "previewing" }), 1, event());
  store.close();
  const again = openControlStore(directory);
  t.after(() => again.close());
  const stored = await again.changeset("c1");
  assert.deepEqual(stored, changeset("c1", { state: "previewing", revision: 2 }));
  const entries = await again.ledger();
  assert.deepEqual(
    entries.map(({ sequence, kind, workload, changeset }) => [sequence, kind, workload, changeset]),
    [
      [1, "state", "web", "c1"],
      [2, "state", "web", "c1"],
    ],
  );
  assert.equal(entries[0].hash, head.hash);
  assert.deepEqual(await verify(again), {
    valid: true,
    entries: 2,
    problems: [],
    tail: "unproven",
    anchoredTo: 0,
    unproven: 2,
  });
});

test("saving at another revision than the stored one is a conflict, and leaves no ledger entry", async (t) => {
  const store = openControlStore(place(t));
  t.after(() => store.close());
  await store.save(changeset("c1"), 0, event());
  await assert.rejects(store.save(changeset("c1"), 0, event()), { name: "RevisionConflict", message: /found 1/ });
  await assert.rejects(store.save(changeset("c2"), 1, event()), { name: "RevisionConflict" });
  assert.equal((await store.head()).sequence, 1);
  assert.equal(await store.changeset("c2"), undefined);
});

test("an event that the ledger cannot carry leaves the changeset as it was", async (t) => {
  const store = openControlStore(place(t));
  t.after(() => store.close());
  await assert.rejects(store.save(changeset("c1"), 0, event("state", { cost: Number.NaN })), TypeError);
  assert.equal(await store.changeset("c1"), undefined);
  assert.equal((await store.head()).sequence, 0);
});

test("changesets are listed newest first, by workload and state", async (t) => {
  const store = openControlStore(place(t));
  t.after(() => store.close());
  for (const [i, [workload, state]] of (
    [
      ["web", "done"],
      ["api", "applying"],
      ["web", "applying"],
    ] as const
  ).entries())
    await store.save(changeset(`c${i}`, { workload, state, createdAt: i }), 0, event());
  const ids = async (filter?: Parameters<typeof store.changesets>[0]) =>
    (await store.changesets(filter)).map(({ id }) => id);
  assert.deepEqual(await ids(), ["c2", "c1", "c0"]);
  assert.deepEqual(await ids({ workload: "web" }), ["c2", "c0"]);
  assert.deepEqual(await ids({ states: ["applying", "verifying"] }), ["c2", "c1"]);
  assert.deepEqual(await ids({ states: [] }), []);
  assert.deepEqual(await ids({ limit: 1 }), ["c2"]);
});

test("directory and files belong to the owner alone", async (t) => {
  const directory = place(t);
  const store = openControlStore(directory);
  t.after(() => store.close());
  await store.setFreeze(freeze, event("freeze"));
  assert.equal(statSync(directory.path).mode & 0o777, 0o700);
  const { controlDatabase, ledgerKey, holds } = directory;
  for (const file of [controlDatabase, `${controlDatabase}-wal`, `${controlDatabase}-shm`, ledgerKey, holds])
    assert.equal(statSync(file).mode & 0o777, 0o600, file);
});

test("commits are synced fully", async (t) => {
  const directory = place(t);
  const store = openControlStore(directory);
  t.after(() => store.close());
  const database = (store as unknown as { database: DatabaseSync }).database;
  assert.equal(database.prepare("PRAGMA synchronous").get()?.synchronous, 2);
  assert.equal(database.prepare("PRAGMA journal_mode").get()?.journal_mode, "wal");
});

test("it can be read while the engine writes, as it was when it was opened, and after", async (t) => {
  const directory = place(t);
  const store = openControlStore(directory);
  await store.save(changeset("c1"), 0, event());
  await store.setValue("tick", "7");
  const beside = openControlReader(directory);
  const entries = await beside.ledger();
  await store.record(event("tick"));
  assert.equal((await beside.storedHead())?.sequence, entries.length);
  assert.equal((await verify(beside)).valid, true);
  assert.equal(await beside.value("tick"), "7");
  assert.equal(await beside.value("none"), undefined);
  beside.close();
  store.close();
  const after = openControlReader(directory);
  t.after(() => after.close());
  assert.equal((await after.changeset("c1"))?.id, "c1");
  assert.equal((await after.ledger()).length, 2);
});

test("reading where there is no store says so and creates nothing", (t) => {
  const directory = place(t);
  assert.throws(() => openControlReader(directory), { name: "StoreError", kind: "missing" });
  assert.equal(existsSync(directory.path), false);
});

test("a ledger that was edited in the database is refused by the engine when its end moved, and read for verification", async (t) => {
  const directory = place(t);
  const store = openControlStore(directory);
  for (let i = 0; i < 5; i++) await store.record(event("tick", { i }));
  store.close();
  const tamper = (sql: string) => {
    const database = new DatabaseSync(directory.controlDatabase);
    database.exec(sql);
    database.close();
  };
  const found = async () => {
    const reader = openControlReader(directory);
    const { problems } = await verify(reader);
    reader.close();
    return problems.map(({ kind, sequence }) => `${kind} ${sequence}`);
  };
  tamper(`UPDATE ledger SET entry = replace(entry, '"i":1', '"i":9') WHERE sequence = 2`);
  assert.deepEqual(await found(), ["flipped 2"]);
  tamper("UPDATE ledger SET entry = 'no json' WHERE sequence = 2");
  assert.deepEqual(await found(), ["flipped 2"]);
  tamper("DELETE FROM ledger WHERE sequence >= 4");
  assert.deepEqual(await found(), ["flipped 2", "truncated 4"]);
  assert.throws(() => openControlStore(directory), { kind: "tampered", message: /ledger verify/ });
});

test("a damaged, emptied or foreign database is refused and left as it is", async (t) => {
  const directory = place(t);
  const store = openControlStore(directory);
  for (let i = 0; i < 200; i++) await store.record(event("tick", { text: "x".repeat(500) }));
  store.close();
  const path = directory.controlDatabase;
  const whole = readFileSync(path);
  const damaged = Buffer.from(whole).fill(0x5a, 8192, 40_000);
  for (const content of [damaged, Buffer.from("no database ".repeat(100))]) {
    writeFileSync(path, content);
    assert.throws(() => openControlStore(directory), { name: "StoreError", kind: "corrupt", message: /control\.db/ });
    assert.ok(readFileSync(path).equals(content));
  }
  truncateSync(path, 0);
  assert.throws(() => openControlStore(directory), { kind: "missing", message: /backup/ });
  rmSync(path);
  assert.throws(() => openControlStore(directory), { kind: "missing" });
  const foreign = new DatabaseSync(path);
  foreign.exec("CREATE TABLE theirs (a)");
  foreign.close();
  assert.throws(() => openControlStore(directory), { kind: "corrupt", message: /not one of foreshadow/ });
});

test("a lost or exchanged ledger key is not replaced in silence", async (t) => {
  const directory = place(t);
  const other = place(t);
  for (const place of [directory, other]) {
    const store = openControlStore(place);
    await store.record(event());
    store.close();
  }
  rmSync(directory.ledgerPublicKey);
  openControlStore(directory).close();
  assert.ok(existsSync(directory.ledgerPublicKey), "the public half is written again");
  const key = readFileSync(directory.ledgerKey);
  writeFileSync(directory.ledgerKey, readFileSync(other.ledgerKey));
  assert.throws(() => openControlStore(directory), { kind: "tampered" });
  rmSync(directory.ledgerPublicKey);
  assert.throws(() => openControlStore(directory), { kind: "tampered" });
  rmSync(directory.ledgerKey);
  assert.throws(() => openControlStore(directory), { kind: "missing", message: /ledger\.key/ });
  writeFileSync(directory.ledgerKey, "no key");
  assert.throws(() => openControlStore(directory), { kind: "corrupt", message: /Ed25519/ });
  writeFileSync(directory.ledgerKey, key);
  rmSync(directory.ledgerPublicKey, { force: true });
  openControlStore(directory).close();
});

test("freezes and pins are in force at once, replaced by workload, gone when removed or past", async (t) => {
  const directory = place(t);
  const store = openControlStore(directory);
  t.after(() => store.close());
  await store.setFreeze(freeze, event("freeze"));
  await store.setFreeze({ ...freeze, all: true }, event("freeze"));
  await store.setPin({ workload: "web", min: 40, until: 100, by: "ann" }, event("pin"));
  assert.deepEqual(await store.freezes(), [{ ...freeze, all: true }]);
  assert.deepEqual(readHolds(directory.holds)?.freezes, [{ ...freeze, all: true }]);
  assert.deepEqual(
    (await store.pins(99)).map(({ min }) => min),
    [40],
  );
  assert.deepEqual(await store.pins(100), []);
  await store.removeFreeze("web", event("freeze"));
  await store.removePin("web", event("pin"));
  assert.deepEqual([await store.freezes(), await store.pins(0)], [[], []]);
  assert.equal((await store.head()).sequence, 5);
  assert.equal(await store.recordHolds(6), 0);
});

test("a freeze set or removed without the store is in force, and recorded late", async (t) => {
  const directory = place(t);
  const store = openControlStore(directory);
  t.after(() => store.close());
  const change = (edit: Parameters<typeof updateHolds>[2]) => updateHolds(directory.holds, () => NO_HOLDS, edit);
  change((holds) => withFreeze(holds, freeze));
  assert.deepEqual(await store.freezes(), [freeze]);
  assert.equal(await store.recordHolds(6), 1);
  change((holds) => withoutFreeze(holds, "web"));
  assert.deepEqual(await store.freezes(), []);
  assert.equal(await store.recordHolds(7), 1);
  assert.deepEqual(
    (await store.ledger()).map(({ at, workload, body }) => [at, workload, body.set]),
    [
      [6, "web", true],
      [7, "web", false],
    ],
  );
});

test("a freeze works with the database locked, and is recorded when it is free again", async (t) => {
  const directory = place(t);
  const messages: string[] = [];
  const store = openControlStore(directory, (message) => messages.push(message));
  t.after(() => store.close());
  const other = new DatabaseSync(directory.controlDatabase);
  other.exec("BEGIN IMMEDIATE");
  await store.setFreeze(freeze, event("freeze"));
  assert.deepEqual(await store.freezes(), [freeze]);
  assert.match(messages[0], /not yet in the ledger.*another process/);
  other.exec("ROLLBACK");
  other.close();
  assert.equal(await store.recordHolds(7), 1);
  const [entry] = await store.ledger();
  assert.deepEqual(entry.body, { ...freeze, set: true, late: true });
});

test("a damaged file of holds freezes everything until it is set right", async (t) => {
  const directory = place(t);
  const store = openControlStore(directory);
  t.after(() => store.close());
  await store.setFreeze(freeze, event("freeze"));
  writeFileSync(directory.holds, '{"version": 1, "fre');
  assert.deepEqual(
    (await store.freezes()).map(({ workload }) => workload),
    ["web", "*"],
  );
  assert.equal(await store.recordHolds(6), 0, "nobody set that hold");
  await store.setFreeze({ ...freeze, workload: "api" }, event("freeze"));
  assert.deepEqual(
    (await store.freezes()).map(({ workload }) => workload),
    ["web", "api"],
  );
});

test("a lease excludes other holders until it ends, and its token rises with every holder", async (t) => {
  const store = openControlStore(place(t));
  t.after(() => store.close());
  const { lease: leases } = store;
  const first = await leases.acquire("dev", "a", 100, 10);
  assert.deepEqual(first, { holder: "a", token: 1, expiresAt: 110 });
  assert.equal(await leases.acquire("dev", "b", 109, 10), undefined);
  assert.equal((await leases.acquire("other", "b", 109, 10))?.token, 1);
  assert.equal(await leases.renew("dev", first!, 109, 10), true);
  assert.equal(await leases.acquire("dev", "b", 118, 10), undefined);
  const second = await leases.acquire("dev", "b", 119, 10);
  assert.equal(second?.token, 2);
  assert.equal(await leases.renew("dev", first!, 120, 10), false);
  await leases.release("dev", first!);
  assert.equal(await leases.acquire("dev", "a", 121, 10), undefined, "a former holder releases nothing");
  await leases.release("dev", second!);
  assert.equal((await leases.acquire("dev", "a", 121, 10))?.token, 3);
});

test("a quarantine and what becomes of it are stored with their ledger entries, the newest first", async (t) => {
  const directory = place(t);
  const store = openControlStore(directory);
  const open = { id: "q-1", workload: "web", kind: "deploy", from: 100, reason: "release", by: "project" } as const;
  await store.saveQuarantine(open, event("quarantine", { what: "opened" }));
  await store.saveQuarantine({ ...open, id: "q-2", workload: "api", from: 200 }, event("quarantine"));
  await store.saveQuarantine({ ...open, to: 160, undone: { at: 300, by: "ann" } }, event("quarantine"));
  store.close();
  const again = openControlReader(directory);
  assert.deepEqual(
    (await again.quarantines()).map(({ id }) => id),
    ["q-2", "q-1"],
  );
  assert.deepEqual(await again.quarantines("web"), [{ ...open, to: 160, undone: { at: 300, by: "ann" } }]);
  assert.equal((await again.ledger()).length, 3);
  again.close();
});
