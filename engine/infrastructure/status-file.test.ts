import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { newGroup } from "../../stacks/simulated/scaled-group.ts";
import { emptyWorld } from "../../stacks/simulated/world.ts";
import { statusFileOf, writeWorld } from "../../stacks/simulated/world-file.ts";
import { readStatusFile, statusFiles } from "./status-file.ts";

const directory = mkdtempSync(join(tmpdir(), "foreshadow-status-"));
after(() => rmSync(directory, { recursive: true, force: true }));
const file = join(directory, "status.json");

test("ready and starting replicas come from the target's status file", () => {
  const workers = [
    { pid: 10, state: "ready" },
    { pid: 11, state: "starting" },
    { pid: 12, state: "draining" },
  ];
  writeFileSync(file, JSON.stringify({ version: 1, ready: 1, workers, requestsTotal: 7, updatedAt: 100 }));
  assert.deepEqual(readStatusFile(file), { ready: 1, warming: 1, warmingPids: [11], requestsTotal: 7, at: 100 });
});

test("a simulated cloud tells of its machines in the same form", () => {
  const world = emptyWorld("aws", 100);
  const machine = { version: "1", launchedAt: 90 };
  world.groups.web = {
    ...newGroup({ min: 1, max: 3, desired: 2 }),
    instances: [
      { ...machine, id: "a", inServiceAt: 95 },
      { ...machine, id: "b", inServiceAt: 105 },
    ],
  };
  const worldFile = join(directory, "world.json");
  writeWorld(worldFile, world);
  const { ready, warming, at } = readStatusFile(statusFileOf(worldFile, "web"))!;
  assert.deepEqual({ ready, warming, at }, { ready: 1, warming: 1, at: 100 });
});

test("a missing, half-written or foreign file is unknown, never zero replicas", () => {
  assert.equal(readStatusFile(join(directory, "none.json")), undefined);
  for (const text of ["", '{"version":1,"ready":', '{"version":2,"ready":0,"workers":[],"updatedAt":1}', "[]"]) {
    writeFileSync(file, text);
    assert.equal(readStatusFile(file), undefined);
  }
  assert.equal(statusFiles(new Map()).read("web"), undefined);
});
