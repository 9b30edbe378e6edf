import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { readJson } from "../runtime/atomic-file.ts";
import { isAlive, processesWith, signal } from "../runtime/process-table.ts";
import type { PoolStatus } from "../runtime/status.ts";
import { supervisorSocket } from "../runtime/supervisor-socket.ts";
import { installRuntime } from "./runtime-code.ts";

/** Variable that a supervisor's environment has, with its run directory as value. */
export const SUPERVISOR_MARK = "FORESHADOW_SUPERVISOR_DIR";

const PAUSE_MILLISECONDS = 20;
const END_MILLISECONDS = 5_000;

/** Supervisors of a run directory that live; at most one, but for the moment of a change. */
export function supervisorsOf(runDirectory: string) {
  return processesWith(SUPERVISOR_MARK).filter(({ environment }) => environment[SUPERVISOR_MARK] === runDirectory);
}

export function isSupervised(runDirectory: string): boolean {
  const status = readJson<PoolStatus>(join(runDirectory, "status.json"));
  return status !== undefined && isAlive(status.supervisor);
}

/** Starts the pool's supervisor unless one with the same code is there, and has it look at the spec now. */
export async function ensureSupervisor(runDirectory: string, pool: string): Promise<void> {
  const code = installRuntime(runDirectory);
  const [present] = supervisorsOf(runDirectory);
  if (present?.environment.FORESHADOW_CODE === code) return ring(runDirectory);
  if (present) await endSupervisor(runDirectory);
  const log = openSync(join(runDirectory, "supervisor.log"), "a");
  const child = spawn(process.execPath, ["--max-old-space-size=32", join(code, "supervisor.js"), runDirectory], {
    cwd: "/",
    detached: true,
    stdio: ["ignore", log, log],
    // Made from nothing: what this process inherited names the operation that it is a part of, and that ends.
    env: {
      PATH: process.env.PATH ?? "",
      [SUPERVISOR_MARK]: runDirectory,
      FORESHADOW_POOL: pool,
      FORESHADOW_CODE: code,
    },
  });
  closeSync(log);
  child.on("error", () => {}); // shows as a pool that does not come up, with the reason in the deadline's message
  child.unref();
}

/** Ends the supervisor; its workers go on. */
export async function endSupervisor(runDirectory: string): Promise<void> {
  const deadline = performance.now() + END_MILLISECONDS;
  for (let living = supervisorsOf(runDirectory); living.length > 0; living = supervisorsOf(runDirectory)) {
    for (const one of living) signal(one, performance.now() > deadline ? "SIGKILL" : "SIGTERM");
    await new Promise((done) => setTimeout(done, PAUSE_MILLISECONDS));
  }
}

/** Wakes the supervisor. One that is just starting looks at the spec anyway. */
function ring(runDirectory: string): Promise<void> {
  return new Promise((resolve) => {
    const bell = connect({ path: supervisorSocket(runDirectory) });
    bell.once("error", () => resolve());
    bell.once("close", () => resolve());
    bell.once("connect", () => bell.resume());
  });
}
