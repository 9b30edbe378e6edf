import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { siblingModule } from "../../model/sibling.ts";
import { acquireInstance } from "./single-instance.ts";
import { storeDirectory } from "./store-directory.ts";

function project(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "foreshadow-instance-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test("a second taker of a store is refused until the first lets go", (t) => {
  const directory = storeDirectory("sqlite:store", project(t));
  const first = acquireInstance(directory, 1_764_000_000);
  assert.throws(() => acquireInstance(directory, 0), {
    name: "StoreError",
    kind: "busy",
    message: new RegExp(`another engine \\(pid ${process.pid}, since 2025-11-24T16:00Z\\)`),
  });
  assert.equal(statSync(directory.instanceLock).mode & 0o777, 0o600);
  first.release();
  acquireInstance(directory, 0).release();
});

test("a taker that is killed leaves no lock, nor do its children hold it", async (t) => {
  const path = project(t);
  const directory = storeDirectory("sqlite:store", path);
  const code = `
    import { spawn } from "node:child_process";
    const { acquireInstance } = await import(${JSON.stringify(siblingModule(import.meta.url, "./single-instance"))});
    const { storeDirectory } = await import(${JSON.stringify(siblingModule(import.meta.url, "./store-directory"))});
    acquireInstance(storeDirectory("sqlite:store", ${JSON.stringify(path)}), 5);
    const child = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
    console.log(child.pid);
    setInterval(() => {}, 1000);`;
  const owner = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => owner.kill("SIGKILL"));
  const [line] = await once(owner.stdout, "data");
  t.after(() => process.kill(Number(line)));
  assert.throws(() => acquireInstance(directory, 0), { kind: "busy", message: new RegExp(`pid ${owner.pid}`) });
  owner.kill("SIGKILL");
  await once(owner, "exit");
  acquireInstance(directory, 6).release();
});
