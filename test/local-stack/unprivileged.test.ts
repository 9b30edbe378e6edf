import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chownSync } from "node:fs";
import { createServer } from "node:net";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { findLeftovers } from "../../stacks/local/world/leftovers.ts";
import { refuseBusyPort } from "../../stacks/local/world/network.ts";
import { readPool } from "../../stacks/local/world/pool.ts";
import { clearPlace, makePlace } from "./place.ts";
import { defaults } from "./resources.ts";

const OPERATE = fileURLToPath(new URL("./operate.ts", import.meta.url));
const NOBODY = 65_534;

test("without root the pool runs, and says what is missing", { timeout: 60_000 }, async () => {
  const place = makePlace();
  after(() => clearPlace(place));
  const asRoot = process.getuid?.() === 0;
  if (asRoot) chownSync(place.runRoot, NOBODY, NOBODY);
  const all = JSON.stringify(defaults(place));
  const operate = (operation: string) =>
    execFileSync(process.execPath, ["--disable-warning=ExperimentalWarning", OPERATE, operation, all], {
      encoding: "utf8",
      ...(asRoot ? { uid: NOBODY, gid: NOBODY } : {}),
    });
  const outputs = JSON.parse(operate("apply"));
  assert.equal(outputs.WorkerPool.ready, 2);
  assert.equal(outputs.Volume.backing, "directory");
  assert.equal(outputs.Volume.throughputEnforced, false);
  assert.equal(outputs.Bandwidth.enforced, false);
  const missing = [outputs.WorkerPool, outputs.Volume, outputs.Bandwidth]
    .flatMap(({ degraded }) => degraded)
    .join("\n");
  for (const what of [
    /loopback/,
    /CPU and memory limits/,
    /volume is a directory/,
    /throughput is not limited/,
    /bandwidth is not limited/,
  ])
    assert.match(missing, what);
  const { listen } = readPool(place.runDirectory)!.spec;
  assert.equal(listen.address, "127.0.0.1");
  assert.equal((await fetch(`http://127.0.0.1:${listen.port}/work?cpu=1&disk=4096&bytes=10`)).status, 200);
  operate("remove");
  assert.deepEqual(await findLeftovers(place.runRoot), []);
});

test("without root two pools do not share a port by accident", { timeout: 60_000 }, async () => {
  const place = makePlace();
  const taken = createServer().listen(0, "127.0.0.1");
  after(() => clearPlace(place));
  after(() => taken.close());
  await once(taken, "listening");
  const { port } = taken.address() as { port: number };
  await assert.rejects(refuseBusyPort(port), new RegExp(`port ${port}: expected a port that is free`));
});
