import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { readLedger } from "./ledger-check.ts";
import { openEngine } from "./open-engine.ts";
import { loadProject } from "./project-files.ts";

const root = mkdtempSync(join(tmpdir(), "foreshadow-anchored-"));
after(() => rmSync(root, { recursive: true, force: true }));

function project() {
  mkdirSync(join(root, "capacity"));
  const file = join(root, "foreshadow.yaml");
  writeFileSync(
    file,
    'version: 1\nstep: 1s\nworkloads:\n  - { name: web, select: { cgroup: /none }, stack: { dir: ".", name: dev }, constraints: web.yaml }\n',
  );
  writeFileSync(join(root, "web.yaml"), "version: 1\n");
  writeFileSync(
    join(root, "capacity", "dev.yaml"),
    "version: 1\nweb:\n  owns: desired\n  replicas: { count: 2 }\n  perReplica: { cpu: 1 }\n",
  );
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@localhost", ...args], { cwd: root, stdio: "ignore" });
  git("init", "--initial-branch=main");
  writeFileSync(join(root, ".gitignore"), ".foreshadow\n");
  git("add", ".");
  git("commit", "-m", "begin");
  return loadProject(file);
}

test("after a graceful stop the whole ledger is proven, and a cut tail is found though its signed head was put back", async () => {
  const files = project();
  const heads: { sequence: number; hash: string; signature: string }[] = [];
  for (let run = 0; run < 2; run++) {
    const opened = await openEngine(files, { say: () => {} });
    await opened.engine.loop.tick();
    await opened.close();
    const { valid, tail, unproven } = await readLedger(files);
    assert.deepEqual({ valid, tail, unproven }, { valid: true, tail: "proven", unproven: 0 });
    const database = new DatabaseSync(join(root, ".foreshadow", "control.db"));
    heads.push(database.prepare("SELECT sequence, hash, signature FROM ledger_head").get() as never);
    database.close();
    // The second run's tick is of another second.
    if (run === 0) await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  assert.ok(heads[1].sequence > heads[0].sequence);

  // The head of the first run is genuine: without the anchor in git nothing would tell that there was a second.
  const database = new DatabaseSync(join(root, ".foreshadow", "control.db"));
  database.prepare("DELETE FROM ledger WHERE sequence > ?").run(heads[0].sequence);
  const { sequence, hash, signature } = heads[0];
  database.prepare("UPDATE ledger_head SET sequence = ?, hash = ?, signature = ?").run(sequence, hash, signature);
  database.close();
  const { valid, problems } = await readLedger(files);
  assert.equal(valid, false);
  assert.deepEqual(
    problems.map(({ kind }) => kind),
    ["truncated"],
  );
});
