import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { runAgent } from "../../agent/agent.ts";
import type { AgentWorkload } from "../../agent/options.ts";
import { startIntake } from "../../engine/usage/intake.ts";
import { siblingModule } from "../../model/sibling.ts";
import type { UsageVector } from "../../model/vector.ts";
import { LimitedCgroup } from "./limited-cgroup.ts";

/** Runs the agent until it has delivered so many vectors over HTTP. */
async function shadow(workload: AgentWorkload, count: number): Promise<UsageVector[]> {
  const vectors: UsageVector[] = [];
  const stop = new AbortController();
  const deadline = setTimeout(() => stop.abort(), 30_000);
  const accept = (received: readonly UsageVector[]) => {
    vectors.push(...received);
    if (vectors.length >= count) stop.abort();
  };
  const intake = await startIntake({ listen: "127.0.0.1:0", sink: { accept } });
  const endpoint = `http://127.0.0.1:${intake.port}`;
  await runAgent({ workloads: [workload], endpoint, listen: null, discovery: 0.5 }, stop.signal);
  clearTimeout(deadline);
  await intake.close();
  assert.ok(vectors.length >= count, `only ${vectors.length} vectors came in 30 s`);
  return vectors;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

const loops: Record<string, readonly string[]> = {
  "a process of one thread": ["/bin/sh", "-c", "while :; do :; done"],
  "a process of many threads": [process.execPath, "-e", "for(;;);"],
};

for (const [what, [command, ...argv]] of Object.entries(loops))
  test(`${what} that wants a core and gets 30 % of one uses 0.3 and demands 1`, async (context) => {
    const cgroup = LimitedCgroup.make("foreshadow-agent-test", 0.3);
    if (cgroup === undefined) return context.skip("needs root and a CPU controller");
    const child = spawn(command, argv, { stdio: "ignore" });
    try {
      cgroup.add(child.pid!);
      const vectors = (await shadow({ name: "busy", select: { cgroup: cgroup.path } }, 8)).slice(2);
      const usage = mean(vectors.map((vector) => vector.usage.cpu!));
      const demand = mean(vectors.map((vector) => vector.demand.cpu!));
      // A machine that is full gives it less than its quota; what it wants is the same.
      assert.ok(usage > 0.1 && usage < 0.33, `usage ${usage}`);
      assert.ok(demand > 0.9 && demand < 1.1, `demand ${demand}`);
      const [last] = vectors.slice(-1);
      assert.equal(last.replicas, 1);
      assert.deepEqual(
        last.processes.map(({ identity, censored }) => [identity.pid, censored]),
        [[child.pid, []]],
      );
      assert.ok(last.processes[0].usage.memory! > 50_000);
    } finally {
      await end(child);
      await cgroup.remove();
    }
  });

test("a process that ends and one that comes are followed, and no descriptor is left open", async (context) => {
  const cgroup = LimitedCgroup.make("foreshadow-agent-follow", undefined);
  if (cgroup === undefined) return context.skip("needs root and a writable cgroup");
  const children: ChildProcess[] = [];
  const start = () => {
    const child = spawn("/bin/sleep", ["60"], { stdio: "ignore" });
    children.push(child);
    cgroup.add(child.pid!);
    return child.pid!;
  };
  const vectors: UsageVector[] = [];
  const stop = new AbortController();
  const first = [start(), start()];
  const sorted = (values: number[] | undefined) => values?.sort((a, b) => a - b);
  const pids = () => sorted(vectors.at(-1)?.processes.map(({ identity }) => identity.pid));
  const kept = () => readdirSync("/proc/self/fd").map((fd) => readlinkOrEmpty(`/proc/self/fd/${fd}`));
  const kernelFiles = () => kept().filter((path) => path.startsWith("/proc/") || path.startsWith("/sys/fs/cgroup/"));
  const before = kernelFiles().length;
  const until = async (condition: () => boolean) => {
    for (let i = 0; i < 100 && !condition(); i++) await sleep(100);
    assert.ok(condition(), `${pids()}`);
  };
  const agent = runAgent(
    {
      workloads: [{ name: "web", select: { cgroup: cgroup.path } }],
      endpoint: null,
      listen: null,
      interval: 0.2,
      onVectors: (tick) => vectors.push(...tick),
    },
    stop.signal,
  );
  try {
    await until(() => vectors.length > 1);
    assert.deepEqual(pids(), sorted(first));
    assert.ok(kernelFiles().length > before);
    assert.equal(vectors.at(-1)?.replicas, 2);
    await end(children[0]);
    const third = start();
    await until(() => pids()?.join() === sorted([first[1], third])?.join());
  } finally {
    stop.abort();
    await agent;
    assert.equal(kernelFiles().length, before);
    for (const child of children) await end(child);
    await cgroup.remove();
  }
});

test("an agent without privileges measures what it may and names what it may not", async (context) => {
  if (process.getuid?.() !== 0) return context.skip("needs root to give up its privileges");
  // Belongs to root: its I/O and its namespaces are not for nobody's eyes.
  const child = spawn("/bin/sleep", ["60"], { stdio: "ignore" });
  const directory = mkdtempSync(join(tmpdir(), "foreshadow-unprivileged-"));
  const pidFile = join(directory, "pid");
  writeFileSync(pidFile, `${child.pid}`);
  chmodSync(directory, 0o755);
  try {
    const script = siblingModule(import.meta.url, "./unprivileged-agent");
    const agent = spawn(process.execPath, [script, JSON.stringify({ pidFile })], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    agent.stdout.on("data", (part) => {
      output += part;
    });
    await once(agent, "exit");
    const { vector, uid } = JSON.parse(output) as { vector: UsageVector; uid: number };
    assert.notEqual(uid, 0);
    assert.ok(vector.usage.cpu !== undefined && vector.usage.memory! > 0);
    assert.equal(vector.usage.disk_read, undefined);
    const missing = Object.fromEntries(vector.missing.map(({ metric, reason }) => [metric, reason]));
    assert.match(missing.disk_read, /EACCES.*needs root or CAP_SYS_PTRACE/);
    assert.match(missing.network_receive, /needs root or CAP_SYS_PTRACE/);
    assert.equal(vector.processes[0].executable, "sleep");
  } finally {
    await end(child);
    rmSync(directory, { recursive: true });
  }
});

test("a workload in a network namespace of its own has its traffic measured", async (context) => {
  const child = spawn("unshare", ["--net", "sleep", "60"], { stdio: "ignore" });
  await once(child, "spawn");
  await sleep(200);
  const namespace = readlinkOrEmpty(`/proc/${child.pid}/ns/net`);
  if (namespace === "" || namespace === readlinkOrEmpty("/proc/self/ns/net")) {
    await end(child);
    return context.skip("needs root and unshare");
  }
  const directory = mkdtempSync(join(tmpdir(), "foreshadow-namespace-"));
  const pidFile = join(directory, "pid");
  writeFileSync(pidFile, `${child.pid}`);
  try {
    const vectors = await shadow({ name: "netns", select: { pidFile } }, 2);
    assert.equal(vectors[1].usage.network_receive, 0, "loopback does not count");
  } finally {
    await end(child);
    rmSync(directory, { recursive: true });
  }
});

function readlinkOrEmpty(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
