import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startIntake } from "../../engine/usage/intake.ts";
import { siblingModule } from "../../model/sibling.ts";
import { end } from "../agent/held-back.ts";
import { LimitedCgroup } from "../agent/limited-cgroup.ts";

const MINUTES = Number(process.env.FORESHADOW_SOAK_MINUTES ?? 20);
/** Code gets compiled and heaps grow to their size. */
const WARM_UP_MINUTES = 5;
const BIRTHS_A_SECOND = 20;
/** The least of so many seconds is what is held, whatever a collection has not taken yet. */
const WINDOW_SECONDS = 60;
const MEGABYTE = 1e6;

/** Forks at a fixed rate; each child runs a little, sleeps for up to two seconds and ends. */
const BIRTHS = `$SIG{CHLD} = "IGNORE";
for (my $n = 0; ; $n++) { select undef, undef, undef, 1 / ${BIRTHS_A_SECOND}; next if fork; 1 for 1 .. 20000; select undef, undef, undef, rand 2; exit }`;

test("an agent that sees processes born and die keeps its memory and its descriptors", async (context) => {
  const cgroup = LimitedCgroup.make("foreshadow-soak", undefined);
  if (cgroup === undefined) return context.skip("needs root and a writable cgroup");
  let [vectors, births] = [0, 0];
  const accept = (received: readonly { readonly processes: readonly unknown[] }[]) => {
    vectors += received.length;
    births = Math.max(births, received[0].processes.length);
  };
  const intake = await startIntake({ listen: "127.0.0.1:0", sink: { accept } });
  const script = siblingModule(import.meta.url, "../../bench/agent-under-test");
  const endpoint = `http://127.0.0.1:${intake.port}`;
  const agent = spawn(process.execPath, [script, endpoint, JSON.stringify({ cgroup: cgroup.path })], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  const population = spawn("perl", ["-e", BIRTHS], { stdio: "ignore" });
  cgroup.add(population.pid!);
  const points: { hours: number; resident: number; descriptors: number }[] = [];
  try {
    await sleep(WARM_UP_MINUTES * 60_000);
    const begin = performance.now();
    while (performance.now() - begin < (MINUTES - WARM_UP_MINUTES) * 60_000) {
      points.push({ hours: (performance.now() - begin) / 3.6e6, ...(await least(agent.pid!)) });
    }
  } finally {
    await end(population);
    agent.kill("SIGTERM");
    await once(agent, "exit");
    await intake.close();
    await sleep(2500);
    await cgroup.remove();
  }
  const slope = leastSquares(points.map(({ hours, resident }) => [hours, resident / MEGABYTE]));
  const descriptors = points.map((point) => point.descriptors);
  const spread = Math.max(...descriptors) - Math.min(...descriptors);
  context.diagnostic(
    `RSS ${points.map(({ resident }) => (resident / MEGABYTE).toFixed(1))} MB, ${slope.toFixed(2)} MB/h; descriptors ${descriptors}; ${vectors} vectors`,
  );
  assert.ok(births > BIRTHS_A_SECOND / 2, `at most ${births} processes at once`);
  assert.ok(vectors > MINUTES * 60 * 0.9, `${vectors} vectors`);
  assert.ok(slope <= 1, `RSS grows by ${slope} MB/h`);
  assert.ok(spread <= 10, `descriptors ${descriptors}`);
});

/** The least resident bytes and the least descriptors of a window: those of processes that come and go are left out. */
async function least(pid: number): Promise<{ resident: number; descriptors: number }> {
  let [resident, descriptors] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let second = 0; second < WINDOW_SECONDS; second++) {
    await sleep(1000);
    const pages = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
    resident = Math.min(resident, pages * 1024);
    descriptors = Math.min(descriptors, readdirSync(`/proc/${pid}/fd`).length);
  }
  return { resident, descriptors };
}

function leastSquares(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (of: (point: readonly [number, number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean(([x]) => x), mean(([, y]) => y)];
  return mean((point) => (point[0] - x) * (point[1] - y)) / mean((point) => (point[0] - x) ** 2);
}
