import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** The environment variable by which all processes of an operation are found. */
export const OPERATION_VARIABLE = "FORESHADOW_OPERATION";

/**
 * Pids of the processes on this host that carry an operation's identifier, or that of one that settles it (`OPERATION.N`), in their
 * environment. A zombie has none any more. Processes of other users do not show without privileges: the engine's own children are always
 * its own user's.
 *
 * @param root the proc file system
 */
export function processesOf(operation: string, root = "/proc"): number[] {
  const mark = `${OPERATION_VARIABLE}=${operation}`;
  return readdirSync(root)
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) =>
      environment(`${root}/${pid}/environ`).some((entry) => entry === mark || entry.startsWith(`${mark}.`)),
    )
    .map(Number)
    .filter((pid) => pid !== process.pid);
}

/** The operations that processes on this host belong to, with their pids. */
export function operationsOfProcesses(root = "/proc"): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const name of readdirSync(root)) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    const entry = environment(`${root}/${name}/environ`).find((text) => text.startsWith(`${OPERATION_VARIABLE}=`));
    const operation = entry?.slice(OPERATION_VARIABLE.length + 1);
    if (operation !== undefined && /^[a-z0-9][a-z0-9.-]{0,99}$/.test(operation))
      found.set(operation, [...(found.get(operation) ?? []), Number(name)]);
  }
  return found;
}

function environment(path: string): string[] {
  try {
    return readFileSync(path, "latin1").split("\0");
  } catch {
    return [];
  }
}

/** Whether a process with this pid exists, and is more than a zombie. */
export function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}

/**
 * Waits until no process carries the operation's identifier.
 *
 * @returns the pids that are left after the time
 */
export async function waitForEnd(operation: string, seconds: number): Promise<number[]> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const left = processesOf(operation);
    if (left.length === 0 || performance.now() >= deadline) return left;
    await sleep(100);
  }
}

export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended meanwhile: that is what was wanted.
    }
  }
}
