import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { MARK, ROOT, WORKSPACE } from "./settings.ts";
import { workspaceEnvironment } from "./workspace.ts";

/** A long-running process of the demo, in a process group of its own: Ctrl-C reaches the demo alone, which ends the others in order. */
export function startProcess(name: string, args: readonly string[], stdio: "log" | "piped" = "log"): ChildProcess {
  const log = openSync(join(WORKSPACE, ".foreshadow", `${name}.log`), "a", 0o600);
  const child = spawn(process.execPath, args, {
    cwd: WORKSPACE,
    env: workspaceEnvironment(MARK),
    detached: true,
    stdio: stdio === "log" ? ["ignore", log, log] : ["pipe", "pipe", log],
  });
  closeSync(log);
  return child;
}

/** `foreshadow …` in the workspace. */
export function startForeshadow(name: string, args: readonly string[]): ChildProcess {
  return startProcess(name, [join(ROOT, "bin", "foreshadow.cjs"), ...args]);
}

/** Runs Pulumi's command line in the workspace; its output goes to a log, and into the error when it fails. */
export async function pulumi(...args: string[]): Promise<void> {
  let output = "";
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = spawn("pulumi", [...args, "--non-interactive"], {
      cwd: WORKSPACE,
      env: workspaceEnvironment(MARK),
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => {
        output = (output + chunk.toString()).slice(-20_000);
      });
    child.on("error", reject);
    child.on("exit", resolve);
  });
  if (code !== 0) throw new Error(`pulumi ${args[0]} ended with ${code}:\n${output}`);
}

/** Asks a process to stop, then makes it. */
export async function stopProcess(child: ChildProcess | undefined, graceSeconds: number): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  const stop = new AbortController();
  await Promise.race([ended, sleep(graceSeconds * 1000, undefined, { signal: stop.signal }).catch(() => {})]);
  stop.abort();
  if (child.exitCode === null && child.signalCode === null) {
    child.kill("SIGKILL");
    await ended;
  }
}

/** Processes of this demo or of one before it, apart from this one: those that carry its mark in their environment. */
export function markedProcesses(workspace = WORKSPACE): number[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return [];
    try {
      const environment = readFileSync(`/proc/${name}/environ`, "utf8").split("\0");
      return environment.includes(`${MARK}=${workspace}`) ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}

/** Ends whatever a killed demo left running. */
export async function killMarkedProcesses(): Promise<number> {
  let killed = 0;
  for (let round = 0; round < 50; round++) {
    const pids = markedProcesses();
    if (pids.length === 0) return killed;
    for (const pid of pids) {
      try {
        process.kill(pid, "SIGKILL");
        killed++;
      } catch {
        // It has ended meanwhile.
      }
    }
    await sleep(100);
  }
  return killed;
}
