import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { findLeftovers, removeLeftovers } from "../../stacks/local/world/leftovers.ts";
import { clearPlace, makePlace, ROOT_NEEDED } from "./place.ts";
import { applyAll, defaults, driftOfAll, NO_DRIFT, removeAll } from "./resources.ts";

const OPERATE = fileURLToPath(new URL("./operate.ts", import.meta.url));
/** Milliseconds after the start of an operation that takes about 700, loading included. */
const MOMENTS = [150, 250, 300, 350, 400, 450, 500, 550, 600, 700, 800];
const options = { skip: ROOT_NEEDED, timeout: 180_000 };

test("whenever a provider is killed while it creates, the next creation completes it", options, async () => {
  const place = makePlace();
  after(() => clearPlace(place));
  const all = defaults(place);
  for (const moment of MOMENTS) {
    await killed("apply", all, moment);
    const outputs = await applyAll(all);
    assert.equal(outputs.WorkerPool.ready, 2, `killed after ${moment} ms`);
    assert.deepEqual(await driftOfAll(all), NO_DRIFT, `killed after ${moment} ms`);
    await removeAll(all);
    assert.deepEqual(await findLeftovers(place.runRoot), [], `killed after ${moment} ms`);
  }
});

test("whenever a provider is killed while it deletes, the next deletion completes it", options, async () => {
  const place = makePlace();
  after(() => clearPlace(place));
  const all = defaults(place);
  for (const moment of MOMENTS.slice(0, 7)) {
    await applyAll(all);
    await killed("remove", all, moment);
    await removeAll(all);
    assert.deepEqual(await findLeftovers(place.runRoot), [], `killed after ${moment} ms`);
  }
});

test("leftovers are found and removed without knowing what was there", options, async () => {
  const place = makePlace();
  after(() => clearPlace(place));
  await applyAll(defaults(place));
  const found = (await findLeftovers(place.runRoot)).join("\n");
  for (const kind of ["process", "network namespace", "interface", "cgroup", "mount", "loop device", "directory"])
    assert.match(found, new RegExp(`^${kind} `, "m"));
  assert.deepEqual(await removeLeftovers(place.runRoot), []);
  assert.deepEqual(await removeLeftovers(place.runRoot), [], "a second time there is nothing to do");
});

test("leftovers are found without the files that tell of them", options, async () => {
  const place = makePlace();
  after(() => clearPlace(place));
  await applyAll(defaults(place));
  for (const name of ["spec", "status", "network", "volume", "bandwidth"])
    rmSync(join(place.runDirectory, `${name}.json`));
  assert.deepEqual(await removeLeftovers(place.runRoot), []);
});

test("what is no pool's is not touched", options, async () => {
  const place = makePlace();
  after(() => clearPlace(place));
  mkdirSync(join(place.runRoot, "project", "code"), { recursive: true });
  writeFileSync(join(place.runRoot, "project", "notes.txt"), "mine");
  assert.deepEqual(await findLeftovers(place.runRoot), []);
  assert.deepEqual(await removeLeftovers(place.runRoot), []);
  assert.equal(readFileSync(join(place.runRoot, "project", "notes.txt"), "utf8"), "mine");
});

function killed(operation: "apply" | "remove", all: object, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", OPERATE, operation, JSON.stringify(all)],
      { stdio: ["ignore", "ignore", "inherit"] },
    );
    const timer = setTimeout(() => child.kill("SIGKILL"), milliseconds);
    child.once("exit", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
