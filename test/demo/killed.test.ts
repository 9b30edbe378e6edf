import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, it } from "node:test";
import { fileURLToPath } from "node:url";
import { markedProcesses } from "../../demo/processes.ts";
import { locatePulumi, pathFor } from "../../engine/infrastructure/pulumi-command.ts";
import { findLeftovers, removeLeftovers } from "../../stacks/local/world/leftovers.ts";

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

interface Demo {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  output(): string;
  /** Resolves when the demo has printed the text. */
  says(text: string): Promise<void>;
}

function startDemo(): Demo {
  const child = spawn(process.execPath, [join(root, "demo", "main.ts")], {
    cwd: root,
    env: { ...process.env, PATH: pathFor(locatePulumi()), XDG_STATE_HOME: state, FORESHADOW_RUN_ROOT: runRoot },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const waiting: { text: string; resolve: () => void }[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      for (const { text, resolve } of waiting) if (output.includes(text)) resolve();
    });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  return {
    child,
    ended,
    output: () => output,
    says: (text) =>
      Promise.race([
        new Promise<void>((resolve) => (output.includes(text) ? resolve() : waiting.push({ text, resolve }))),
        ended.then((code) => assert.fail(`the demo ended with ${code} before it said "${text}":\n${output}`)),
      ]),
  };
}
