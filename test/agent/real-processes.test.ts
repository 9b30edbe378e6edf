import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { runAgent } from "../../agent/agent.ts";
import type { AgentWorkload } from "../../agent/options.ts";
import { startIntake } from "../../engine/usage/intake.ts";
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
