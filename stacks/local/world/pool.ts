import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readIfThere, readJson, writeAtomic } from "../runtime/atomic-file.ts";
import { probeCgroups } from "../runtime/cgroup.ts";
import { isAlive, processesWith, signal } from "../runtime/process-table.ts";
import { digestOf, listenKey, type PoolSpec } from "../runtime/spec.ts";
import type { PoolStatus } from "../runtime/status.ts";
import { restoreBandwidth } from "./bandwidth.ts";
import { mounts } from "./mounts.ts";
import { ensureNetwork, refuseBusyPort, removeNetwork } from "./network.ts";
import { makeRunDirectory, removeIfEmpty, specFile } from "./run-directory.ts";
import { endSupervisor, ensureSupervisor } from "./supervisor.ts";
import { removeThrottle } from "./throttle.ts";

const POLL_MILLISECONDS = 25;
const DRAIN_MILLISECONDS = 15_000;
/** How long the supervisor may report something that stands in the way before waiting on is given up. */
const TROUBLE_MILLISECONDS = 6_000;
const GROUP_MILLISECONDS = 3_000;
const LOG_LINES = 8;

export interface PoolState {
  readonly spec: PoolSpec;
  readonly status: PoolStatus;
  readonly degraded: readonly string[];
}

/**
 * Makes a pool what the spec says, whatever of it there is already, and waits until the world agrees.
 *
 * @param deadlineSeconds how long the workers may take to be as asked
 * @throws Error with what stands in the way
 */
export async function ensurePool(
  runDirectory: string,
  wanted: Omit<PoolSpec, "listen" | "version">,
  deadlineSeconds: number,
): Promise<PoolState> {
  makeRunDirectory(runDirectory);
  refuseStranger(runDirectory, wanted.pool);
  const network = await ensureNetwork(runDirectory);
  await restoreBandwidth(runDirectory);
  if (!existsSync(join(runDirectory, "volume.json")))
    mkdirSync(join(runDirectory, "volume", "data"), { recursive: true });
  const { netns, address, chosenPort, id } = network;
  const listen = { netns, address, port: wanted.port || chosenPort, network: id };
  const ours = workersOf(runDirectory).some(({ environment }) => environment.FORESHADOW_LISTEN === listenKey(listen));
  if (netns === null && !ours) await refuseBusyPort(listen.port);
  const spec: PoolSpec = { version: 1, ...wanted, listen };
  const text = `${JSON.stringify(spec, undefined, 2)}\n`;
  writeAtomic(specFile(runDirectory), text);
  await ensureSupervisor(runDirectory, wanted.pool);
  const status = await converged(runDirectory, digestOf(text), deadlineSeconds);
  return { spec, status, degraded: [...network.degraded, ...cgroupDegraded()] };
}

/** What the run directory says of the pool; `undefined` when there is none. */
export function readPool(runDirectory: string): { spec: PoolSpec; status: PoolStatus | undefined } | undefined {
  const spec = readJson<PoolSpec>(specFile(runDirectory));
  return spec && { spec, status: readJson<PoolStatus>(join(runDirectory, "status.json")) };
}

/** Drains the workers, then removes all that is the pool's. What is left is the volume, while it is not deleted too. */
export async function removePool(runDirectory: string, pool: string): Promise<void> {
  await endSupervisor(runDirectory);
  await endWorkers(runDirectory);
  const { driver } = probeCgroups();
  // A process that is ending leaves its group a moment after its memory.
  const deadline = performance.now() + GROUP_MILLISECONDS;
  while (driver?.remove(`/foreshadow/${pool}`) === false && performance.now() < deadline)
    await new Promise((done) => setTimeout(done, POLL_MILLISECONDS));
  if (!existsSync(join(runDirectory, "volume.json"))) removeThrottle(pool);
  driver?.removeIfEmpty("/foreshadow");
  await removeNetwork(runDirectory);
  for (const name of ["spec.json", "status.json", "workers", "code", "supervisor.log", "workers.log"])
    rmSync(join(runDirectory, name), { recursive: true, force: true });
  // A mounted volume is somebody's data, whatever has become of the file that tells of it.
  const volume = join(runDirectory, "volume");
  if (!existsSync(join(runDirectory, "volume.json")) && !mounts().some(({ target }) => target === volume))
    rmSync(volume, { recursive: true, force: true });
  removeIfEmpty(runDirectory);
}

function workersOf(runDirectory: string) {
  return processesWith("FORESHADOW_REPLICA").filter(
    ({ environment }) => environment.FORESHADOW_POOL_DIR === runDirectory,
  );
}

async function endWorkers(runDirectory: string): Promise<void> {
  const deadline = performance.now() + DRAIN_MILLISECONDS;
  const asked = new Set<number>();
  for (;;) {
    const living = workersOf(runDirectory);
    if (living.length === 0) return;
    for (const worker of living)
      if (performance.now() > deadline) signal(worker, "SIGKILL");
      else if (!asked.has(worker.pid)) {
        signal(worker, "SIGTERM");
        asked.add(worker.pid);
      }
    await new Promise((done) => setTimeout(done, POLL_MILLISECONDS));
  }
}

async function converged(runDirectory: string, digest: string, deadlineSeconds: number): Promise<PoolStatus> {
  const start = performance.now();
  const deadline = start + deadlineSeconds * 1000;
  let status: PoolStatus | undefined;
  let untroubled = performance.now();
  while (performance.now() < deadline && performance.now() - untroubled < TROUBLE_MILLISECONDS) {
    status = readJson<PoolStatus>(join(runDirectory, "status.json"));
    // Of a supervisor that is gone, the last word may be about the same specification.
    if (status !== undefined && !isAlive(status.supervisor)) status = undefined;
    if (status?.spec === digest && status.converged) return status;
    if (status?.spec !== digest || status.problems.length === 0) untroubled = performance.now();
    await new Promise((done) => setTimeout(done, POLL_MILLISECONDS));
  }
  const found = status?.spec === digest ? `${status.ready} of ${status.target} ready` : "no word from the supervisor";
  const why = [
    ...(status?.problems ?? []),
    ...lastLines(join(runDirectory, "workers.log")),
    ...lastLines(join(runDirectory, "supervisor.log")),
  ];
  throw new Error(
    `expected the workers of ${runDirectory} to be as asked, waited ${Math.round((performance.now() - start) / 1000)} s, found ${found}. ${why.join("\n")}`,
  );
}

function lastLines(file: string): string[] {
  return (readIfThere(file) ?? "").trimEnd().split("\n").slice(-LOG_LINES);
}

/** Cgroups are named after the pool alone, so that an agent can select it: two pools of one name would be counted as one. */
function refuseStranger(runDirectory: string, pool: string): void {
  const stranger = processesWith("FORESHADOW_POOL_DIR").find(
    ({ environment }) => environment.FORESHADOW_POOL === pool && environment.FORESHADOW_POOL_DIR !== runDirectory,
  );
  if (stranger)
    throw new Error(
      `expected no other pool named ${pool} on this host, found one in ${stranger.environment.FORESHADOW_POOL_DIR} (process ${stranger.pid}); destroy it or choose another name`,
    );
}

function cgroupDegraded(): readonly string[] {
  const { driver, reason } = probeCgroups();
  return driver ? driver.degraded : [`no CPU and memory limits: ${reason}`];
}
