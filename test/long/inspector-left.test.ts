import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { nodeProfiler } from "../../agent/functions/node-profiler.ts";
import type { Target } from "../../agent/functions/profiler.port.ts";
import { siblingModule } from "../../model/sibling.ts";
import { alive, begun, inspectorOpen, ProfiledPrograms, targetOf } from "../agent/profiled-programs.ts";
import { until } from "../intake/servers.ts";

let programs: ProfiledPrograms;
beforeEach(() => {
  programs = new ProfiledPrograms();
});
afterEach(() => programs.close());
const never = new AbortController().signal;

test("one that answers nothing for a while is left when it answers again", async () => {
  const file = join(programs.directory, "blocked.mjs");
  writeFileSync(
    file,
    'import { execFileSync } from "node:child_process";\n' +
      'setTimeout(() => execFileSync("sleep", ["6"]), 400);\nsetInterval(() => {}, 1000);\n',
  );
  const child = programs.start(process.execPath, [file]);
  let said = "";
  child.stderr?.on("data", (text: Buffer) => {
    said += text;
  });
  await begun(child);
  await sleep(500);
  await assert.rejects(nodeProfiler.profile(targetOf(child), 1, never), /opened no inspector within 2 s/);
  await until(() => said.includes("Debugger listening"), 15);
  await until(() => !inspectorOpen(child), 15);
  assert.ok(alive(child));
});

/** A process with the agent's part in a profile of ten seconds, told by its exit whether there was one. */
function profiling(target: Target): ChildProcess {
  const module = siblingModule(import.meta.url, "../../agent/functions/take-profile");
  const request = { runtime: "node", target, seconds: 10, ticksPerSecond: 100 };
  const script = `const { takeProfile } = await import(${JSON.stringify(module)});
    await takeProfile(${JSON.stringify(request)}, new AbortController().signal);`;
  return programs.start(process.execPath, ["--input-type=module", "-e", script]);
}

/** The process that takes the profile. */
function takerOf({ pid }: ChildProcess): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim());
}

test("an agent that is killed in the middle leaves no inspector open", async () => {
  const child = await programs.node();
  const agent = profiling(targetOf(child));
  await until(() => inspectorOpen(child), 20);
  agent.kill("SIGKILL");
  await until(() => !inspectorOpen(child), 8);
  assert.ok(alive(child));
});

test("nor does one that is killed with the process that takes the profile", async () => {
  const child = await programs.node();
  const agent = profiling(targetOf(child));
  await until(() => inspectorOpen(child), 20);
  // Until the program has been told to close it by itself.
  await sleep(4000);
  assert.ok(alive(agent) && inspectorOpen(child), "it is killed in the window");
  process.kill(takerOf(agent), "SIGKILL");
  agent.kill("SIGKILL");
  await until(() => !inspectorOpen(child), 20);
  assert.ok(alive(child));
});
