import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, it } from "node:test";
import { fileURLToPath } from "node:url";
import { markedProcesses } from "../../demo/processes.ts";
import { findLeftovers, removeLeftovers } from "../../stacks/local/world/leftovers.ts";
import { startWatched } from "../watched-child.ts";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
// A demo of its own: its state, and with it its workspace, in a directory of this test.
const state = mkdtempSync(join(tmpdir(), "foreshadow-demo-"));
const runRoot = join(state, "run");
const workspace = join(state, "foreshadow", "demo");
after(async () => {
  for (const pid of markedProcesses(workspace)) process.kill(pid, "SIGKILL");
  await removeLeftovers(`${runRoot}-demo`);
  rmSync(state, { recursive: true, force: true });
});

it("what a killed demo leaves is removed by the next one, and an interrupted one leaves nothing", async () => {
  const killed = startDemo();
  await killed.says("agent and engine run");
  const first = markedProcesses(workspace);
  assert.ok(first.length >= 2, `engine and agent run: ${first}`);
  killed.child.kill("SIGKILL");
  await killed.ended;
  assert.ok(markedProcesses(workspace).length > 0, "a killed demo cannot take anything down");

  const second = startDemo();
  await second.says("removed what a former demo left");
  await second.says("workers answer on");
  assert.deepEqual(
    first.filter((pid) => markedProcesses(workspace).includes(pid)),
    [],
    "nothing of the first runs beside the second",
  );
  await second.says("agent and engine run");
  second.child.kill("SIGINT");
  const began = performance.now();
  assert.equal(await second.ended, 130, second.output());
  assert.ok(performance.now() - began < 90_000, "an interrupted demo ends when it has taken everything down");
  assert.match(second.output(), /nothing is left on this host/);
  assert.deepEqual(markedProcesses(workspace), []);
  assert.deepEqual(await findLeftovers(`${runRoot}-demo`), []);
  assert.equal(existsSync(workspace), false);
});

function startDemo() {
  return startWatched([join(root, "demo", "main.ts")], { XDG_STATE_HOME: state, FORESHADOW_RUN_ROOT: runRoot });
}
