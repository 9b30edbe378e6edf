import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startAgent } from "../../bench/agent-process.ts";
import { startIntake } from "../../engine/usage/intake.ts";
import { LimitedCgroup } from "../agent/limited-cgroup.ts";

const MINUTES = Number(process.env.FORESHADOW_SOAK_MINUTES ?? 20);
/** Code gets compiled and heaps grow to their size. */
const WARM_UP_MINUTES = 5;
const BIRTHS_A_SECOND = 20;
/** A point of the curve is the least of so many seconds. */
const WINDOW_SECONDS = 60;
const MEGABYTE = 1e6;
const MOST_RESIDENT = 80 * 1024 * 1024;
/** Processes that stay. */
const IDLE = 480;

/** Once it is told to begin, and is where it belongs by then, forks those that stay, then others at a fixed rate, each of which runs a little, sleeps for up to two seconds and ends. */
const POPULATION = `<STDIN>; $SIG{CHLD} = "IGNORE";
for (1 .. ${IDLE}) { next if fork; sleep 1000 while 1 }
for (my $n = 0; ; $n++) { select undef, undef, undef, 1 / ${BIRTHS_A_SECOND}; next if fork; 1 for 1 .. 20000; select undef, undef, undef, rand 2; exit }`;

test("an agent that sees processes born and die keeps its memory and its descriptors", async (context) => {
  const cgroup = LimitedCgroup.make("foreshadow-soak", undefined);
  if (cgroup === undefined) return context.skip("needs root and a writable cgroup");
  let vectors = 0;
  const accept = (received: readonly unknown[]) => {
    vectors += received.length;
  };
  const intake = await startIntake({ listen: "127.0.0.1:0", sink: { accept } });
  const agent = await startAgent({ cgroup: cgroup.path }, `http://127.0.0.1:${intake.port}`);
  const population = spawn("perl", ["-e", POPULATION], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  cgroup.add(population.pid!);
  population.stdin.write("\n");
  const points: ({ hours: number } & Held)[] = [];
  try {
    await sleep(WARM_UP_MINUTES * 60_000);
    const begin = performance.now();
    while (performance.now() - begin < (MINUTES - WARM_UP_MINUTES) * 60_000) {
      points.push({ hours: (performance.now() - begin) / 3.6e6, ...(await held(agent.process.pid!)) });
    }
  } finally {
    process.kill(-population.pid!, "SIGKILL");
    await agent.end();
    await intake.close();
    await cgroup.remove();
  }
  const slope = leastSquares(points.map(({ hours, resident }) => [hours, resident / MEGABYTE]));
  const resident = Math.max(...points.map((point) => point.resident));
  const descriptors = points.map((point) => point.descriptors);
  const spread = Math.max(...descriptors) - Math.min(...descriptors);
  const most = Math.max(...points.map((point) => point.processes));
  context.diagnostic(
    `RSS ${points.map((point) => (point.resident / MEGABYTE).toFixed(1))} MB, ${slope.toFixed(2)} MB/h; descriptors beside the living processes' ${descriptors}; at most ${most} processes; ${vectors} vectors`,
  );
  assert.ok(most > IDLE + BIRTHS_A_SECOND / 2, `at most ${most} processes at once`);
  assert.ok(vectors > MINUTES * 60 * 0.9, `${vectors} vectors`);
  assert.ok(resident <= MOST_RESIDENT, `RSS ${resident} bytes`);
  assert.ok(slope <= 1, `RSS grows by ${slope} MB/h`);
  assert.ok(spread <= 10, `descriptors ${descriptors}`);
});

/** What a process holds at the least in a window: what it has not let go of yet is left out. */
interface Held {
  /** Bytes. */
  readonly resident: number;
  /** Beside those of files of processes that live. */
  readonly descriptors: number;
  /** The most living processes that it has files of. */
  readonly processes: number;
}

async function held(pid: number): Promise<Held> {
  const all: Held[] = [];
  for (let second = 0; second < WINDOW_SECONDS; second++) {
    await sleep(1000);
    const kibibytes = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
    const owners = readdirSync(`/proc/${pid}/fd`).map((name) => ownerOf(`/proc/${pid}/fd/${name}`));
    const living = new Set(owners.filter((owner) => owner !== undefined && existsSync(owner)));
    const descriptors = owners.filter((owner) => owner === undefined || !living.has(owner)).length;
    all.push({ resident: kibibytes * 1024, descriptors, processes: living.size });
  }
  return {
    resident: Math.min(...all.map(({ resident }) => resident)),
    descriptors: Math.min(...all.map(({ descriptors }) => descriptors)),
    processes: Math.max(...all.map(({ processes }) => processes)),
  };
}

/** `/proc/PID` of a descriptor of one of its files; undefined for any other. */
function ownerOf(descriptor: string): string | undefined {
  try {
    return /^\/proc\/\d+/.exec(readlinkSync(descriptor))?.[0];
  } catch {
    return undefined;
  }
}

function leastSquares(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (of: (point: readonly [number, number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean(([x]) => x), mean(([, y]) => y)];
  return mean((point) => (point[0] - x) * (point[1] - y)) / mean((point) => (point[0] - x) ** 2);
}
