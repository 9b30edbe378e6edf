import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { runAgent } from "../../agent/agent.ts";
import type { UsageVector } from "../../model/vector.ts";
import { LimitedCgroup } from "./limited-cgroup.ts";

const PROCESSES = 1000;
const SECONDS = 10;

/** Waits for a line, then forks at a fixed rate processes that run another program; waits for each. */
const FORKS = `$| = 1; <STDIN>; for my $n (1 .. ${PROCESSES}) { select undef, undef, undef, ${SECONDS / PROCESSES} * 0.8; system { "/bin/true" } "true" } print "done\\n"; <STDIN>`;

test("a thousand processes in ten seconds are seen, and their CPU time is what the cgroup's says", async (context) => {
  const cgroup = LimitedCgroup.make("foreshadow-short-lived", undefined);
  if (cgroup === undefined) return context.skip("needs root and a writable cgroup");
  const parent = spawn("perl", ["-e", FORKS], { stdio: ["pipe", "pipe", "inherit"] });
  cgroup.add(parent.pid!);
  const vectors: UsageVector[] = [];
  const stop = new AbortController();
  let finishing = 0;
  let [from, to] = [Number.NaN, Number.NaN];
  const agent = runAgent(
    {
      workloads: [{ name: "short", select: { cgroup: cgroup.path } }],
      endpoint: null,
      listen: null,
      onVectors: (tick) => {
        if (vectors.length === 0) {
          from = cgroupSeconds(cgroup.path);
          parent.stdin.write("go\n");
        }
        vectors.push(...tick);
        to = cgroupSeconds(cgroup.path);
        if (finishing > 0 && ++finishing === 4) stop.abort();
      },
    },
    stop.signal,
  );
  try {
    await once(parent.stdout, "data");
    finishing = 1;
    await agent;
  } finally {
    stop.abort();
    parent.stdin.end("end\n");
    await once(parent, "exit");
    await cgroup.remove();
  }
  const { sources, degraded } = vectors[0];
  const counted = vectors.slice(1);
  const sampled = new Set(counted.flatMap(({ processes }) => processes.map(({ identity }) => identity.pid))).size;
  const ended = counted.reduce((sum, vector) => sum + (vector.ended ?? 0), 0);
  const cpu = counted.reduce(
    (sum, { interval, processes }) =>
      sum + interval * processes.reduce((all, process) => all + (process.usage.cpu ?? 0), 0),
    0,
  );
  context.diagnostic(
    `${ended} ended, ${sampled} sampled; ${cpu} of ${to - from} CPU seconds; ${JSON.stringify(sources)}`,
  );
  assert.ok(Math.abs(cpu - (to - from)) < 0.01 * (to - from) + 0.02, `${cpu} of ${to - from} CPU seconds`);
  if (degraded !== undefined) {
    assert.match(degraded[0].reason, /taskstats/);
    return context.skip(`exit records are not allowed here: ${degraded[0].reason}`);
  }
  assert.ok(ended + sampled - 2 >= 0.999 * PROCESSES, `${ended} ended and ${sampled} sampled of ${PROCESSES}`);
});

function cgroupSeconds(path: string): number {
  const v1 = `/sys/fs/cgroup/cpuacct${path}/cpuacct.usage`;
  if (existsSync(v1)) return Number(readFileSync(v1, "utf8")) / 1e9;
  return Number(/usage_usec (\d+)/.exec(readFileSync(`/sys/fs/cgroup${path}/cpu.stat`, "utf8"))?.[1]) / 1e6;
}
