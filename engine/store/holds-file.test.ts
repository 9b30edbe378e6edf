import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { siblingModule } from "../../model/sibling.ts";
import { NO_HOLDS, readHolds, updateHolds, withFreeze, withoutPin, withPin } from "./holds-file.ts";

function place(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "foreshadow-holds-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, "holds.json");
}

const freeze = { workload: "web", all: false, since: 1, by: "ann" };

test("holds are written whole, read back and kept when others change", (t) => {
  const path = place(t);
  assert.equal(readHolds(path), undefined);
  updateHolds(
    path,
    () => NO_HOLDS,
    (holds) => withFreeze(holds, freeze),
  );
  updateHolds(path, assert.fail, (holds) => withPin(holds, { workload: "web", min: 40, until: 9, by: "bob" }));
  assert.deepEqual(readHolds(path), { freezes: [freeze], pins: [{ workload: "web", min: 40, until: 9, by: "bob" }] });
  updateHolds(path, assert.fail, (holds) => withoutPin(holds, "web"));
  assert.deepEqual(readHolds(path), { freezes: [freeze], pins: [] });
});

test("a file that is none of holds is told, and gives way to a person's hold", (t) => {
  const path = place(t);
  for (const content of [
    "",
    "{",
    "[]",
    '{"version":2,"freezes":[],"pins":[]}',
    '{"version":1,"freezes":[{}],"pins":[]}',
  ]) {
    writeFileSync(path, content);
    assert.throws(() => readHolds(path), { name: "StoreError", kind: "corrupt" }, content);
  }
  updateHolds(
    path,
    () => NO_HOLDS,
    (holds) => withFreeze(holds, freeze),
  );
  assert.deepEqual(readHolds(path)?.freezes, [freeze]);
});

test("of many processes that set holds at the same time, none loses another's", async (t) => {
  const path = place(t);
  const code = (id: number) => `
    const { NO_HOLDS, updateHolds, withFreeze } = await import(${JSON.stringify(siblingModule(import.meta.url, "./holds-file"))});
    for (let i = 0; i < 15; i++)
      updateHolds(${JSON.stringify(path)}, () => NO_HOLDS, (holds) =>
        withFreeze(holds, { workload: "w${id}-" + i, all: false, since: 1, by: "ann" }));`;
  const processes = [0, 1, 2].map((id) =>
    spawn(process.execPath, ["--input-type=module", "-e", code(id)], { stdio: "inherit" }),
  );
  const codes = await Promise.all(processes.map(async (child) => (await once(child, "exit"))[0]));
  assert.deepEqual(codes, [0, 0, 0]);
  assert.equal(readHolds(path)?.freezes.length, 45);
  assert.deepEqual(readdirSync(join(path, "..")), ["holds.json"]);
});

test("a lock that a dead process left holds nobody up for long", (t) => {
  const path = place(t);
  writeFileSync(`${path}.lock`, "");
  updateHolds(
    path,
    () => NO_HOLDS,
    (holds) => withFreeze(holds, freeze),
  );
  assert.match(readFileSync(path, "utf8"), /"web"/);
});
