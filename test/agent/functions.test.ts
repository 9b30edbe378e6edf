import assert from "node:assert/strict";
import { type ChildProcess, execFileSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { runAgent } from "../../agent/agent.ts";
import { nodeProfiler } from "../../agent/functions/node-profiler.ts";
import { growthDrivers } from "../../engine/loop/growth-drivers.ts";
import { startIntake } from "../../engine/usage/intake.ts";
import type { Capacity } from "../../model/capacity.ts";
import type { ProfiledRuntime } from "../../model/project.ts";
import type { FunctionMeasures, UsageVector } from "../../model/vector.ts";
import { LONG_RUN } from "../long-run.ts";
import { alive, begun, inspectorOpen, isThere, ProfiledPrograms, targetOf, unlessPySpy } from "./profiled-programs.ts";

const TRUE_SHARE = 0.9;
const TOLERANCE = 0.1;

let programs: ProfiledPrograms;
beforeEach(() => {
  programs = new ProfiledPrograms();
});
afterEach(() => programs.close());

/** What an agent's vectors say of the functions of a process, on the engine's side of the wire, for as long as `look` is not satisfied. */
async function shadow(
  child: ChildProcess,
  runtime: ProfiledRuntime,
  look: (vector: UsageVector, functions: readonly FunctionMeasures[]) => boolean,
  directory?: string,
): Promise<void> {
  const pidFile = join(programs.directory, "pid");
  writeFileSync(pidFile, `${child.pid}\n`);
  const stop = new AbortController();
  const logged: string[] = [];
  const accept = (vectors: readonly UsageVector[]) => {
    for (const vector of vectors)
      for (const { functions } of vector.processes) if (functions && look(vector, functions)) stop.abort();
  };
  const intake = await startIntake({ listen: "127.0.0.1:0", sink: { accept } });
  const limit = setTimeout(() => stop.abort(), 60_000);
  await runAgent(
    {
      workloads: [{ name: "web", select: { pidFile } }],
      endpoint: `http://127.0.0.1:${intake.port}`,
      listen: null,
      interval: 0.5,
      functions: {
        workloads: new Map([["web", { runtimes: [runtime] }]]),
        every: 5,
        window: 3,
        processes: 1,
        directory,
      },
      log: (line) => logged.push(line),
    },
    stop.signal,
  );
  await intake.close();
  assert.ok(limit.hasRef());
  clearTimeout(limit);
  assert.deepEqual(
    logged.filter((line) => line.includes("profile")),
    [],
  );
}

const TWO: Capacity = { owns: "desired", replicas: { count: 2 }, plan: [], perReplica: {}, storage: {}, network: {} };
const reasonFor = (vector: UsageVector) =>
  growthDrivers(TWO, { ...TWO, replicas: { count: 4 } }, [{ kind: "demand", series: "cpu", text: "" }], [vector])[0]
    .text;

/** Profiles until a function is told, and checks its name, its share and what is said of it. */
async function names(child: ChildProcess, runtime: ProfiledRuntime, hot: string, file: string): Promise<void> {
  const directory = join(programs.directory, "profiles");
  let told: readonly FunctionMeasures[] = [];
  let text = "";
  await shadow(
    child,
    runtime,
    (vector, functions) => {
      told = functions;
      text = reasonFor(vector);
      return true;
    },
    directory,
  );
  const share = (name: string) =>
    (told.find((one) => one.name === name)?.cpu ?? 0) / told.reduce((sum, { cpu }) => sum + cpu, 0);
  assert.equal(told[0]?.name, hot, JSON.stringify(told));
  assert.equal(told[0].file, file);
  assert.ok(Math.abs(share(hot) - TRUE_SHARE) <= TOLERANCE, `${share(hot)} of ${JSON.stringify(told)}`);
  assert.match(
    text,
    new RegExp(`; in profiles \\d\\d % of its CPU time is in the function ${hot.replace(".", "\\.")} \\(`),
  );
  const [kept] = readdirSync(directory);
  assert.match(kept, /^\d{8}T\d{6}Z-web-\d+\.pb\.gz$/);
  // Go builds its pprof where it has not yet, which takes longer than all else here.
  if (!isThere("go") || !LONG_RUN) return;
  const top = execFileSync("go", ["tool", "pprof", "-top", join(directory, kept)], {
    encoding: "utf8",
    stdio: "pipe",
  });
  assert.ok(top.includes(hot), top);
}

describe("the function that CPU time is in is named, with its share", () => {
  test("of a Node program, whose inspector is closed afterwards", async () => {
    const child = await programs.node();
    await names(child, "node", "hotFunction", "hot.mjs");
    assert.equal(inspectorOpen(child), false);
    assert.ok(alive(child));
  });

  test("of a Go program", { skip: !isThere("go") && "needs go" }, async () => {
    await names(await programs.go(), "go", "main.hotFunction", "hot.go");
  });

  const skip = isThere("python3") ? unlessPySpy() : "needs python3";
  test("of a Python program", { skip }, async () => {
    await names(await programs.python(), "python", "hot_function", "hot.py");
  });

  test("and when it grows, the function that it grew by", async () => {
    const child = await programs.node({ rest: 40 });
    let text = "";
    await shadow(child, "node", (vector, functions) => {
      child.kill("SIGUSR2");
      text = reasonFor(vector);
      return functions.some(({ name, before }) => name === "surgeFunction" && before === 0);
    });
    const [, share] =
      /in profiles (\d+) % of what it grew by is in the function surgeFunction \(hot\.mjs\)/.exec(text) ?? [];
    assert.ok(Number(share) >= 80, text);
  });
});

describe("nothing is done to a process that is not sure to bear it", () => {
  test("a Node program without a handler for SIGUSR1 is not sent it", async () => {
    const child = await programs.node({ flags: ["--disable-sigusr1"] });
    await assert.rejects(
      nodeProfiler.profile(targetOf(child), 1, new AbortController().signal),
      /no handler for SIGUSR1/,
    );
    await sleep(200);
    assert.ok(alive(child));
  });

  test("a shell, and a program of a runtime that is not allowed, are left alone", async () => {
    const shell = programs.start("sh", ["-c", "while :; do :; done"]);
    const node = await programs.node();
    const logged: string[] = [];
    const pidFiles = [shell, node].map(({ pid }, i) => {
      const file = join(programs.directory, `pid${i}`);
      writeFileSync(file, `${pid}\n`);
      return file;
    });
    const stop = new AbortController();
    let ticks = 0;
    await runAgent(
      {
        workloads: pidFiles.map((pidFile, i) => ({ name: ["shell", "node"][i], select: { pidFile } })),
        endpoint: null,
        listen: null,
        interval: 0.25,
        functions: {
          workloads: new Map([
            ["shell", { runtimes: ["node", "go", "python"] }],
            ["node", { runtimes: ["python"] }],
          ]),
          ...{ every: 1, window: 1, processes: 2 },
        },
        onVectors: () => ++ticks === 8 && stop.abort(),
        log: (line) => logged.push(line),
      },
      stop.signal,
    );
    assert.ok(alive(shell) && alive(node) && !inspectorOpen(node));
    assert.deepEqual(
      logged.filter((line) => line.includes("program")).map((line) => line.replace(/: .* is/, ": SHELL is")),
      ["shell: SHELL is no program of Node, Go or Python"],
    );
  });

  test("one that ends while it is profiled does not wait for the profiler", async () => {
    const file = join(programs.directory, "ends.mjs");
    writeFileSync(file, "setTimeout(() => {}, 1500);\n");
    const child = programs.start(process.execPath, [file]);
    await begun(child);
    const began = performance.now();
    const profile = nodeProfiler.profile(targetOf(child), 20, new AbortController().signal);
    await assert.rejects(profile, /ended/);
    if (alive(child)) await once(child, "exit");
    assert.ok(performance.now() - began < 8000);
    assert.equal(child.exitCode, 0);
  });
});
