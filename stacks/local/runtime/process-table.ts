import { readdirSync, readFileSync } from "node:fs";
import { readIfThere } from "./atomic-file.ts";

/** A process is its pid and its start time (clock ticks after boot): a pid alone is reused. */
export interface ProcessId {
  readonly pid: number;
  readonly startTime: number;
}

/** The start time of a living process; `undefined` when there is none, or only a zombie. */
export function startTimeOf(pid: number): number | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? undefined : Number(fields[19]);
}

export function isAlive({ pid, startTime }: ProcessId): boolean {
  return startTimeOf(pid) === startTime;
}

/** Sends a signal to exactly this process. False when it is gone. */
export function signal(process_: ProcessId, name: NodeJS.Signals): boolean {
  if (!isAlive(process_)) return false;
  try {
    process.kill(process_.pid, name);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

export interface MarkedProcess extends ProcessId {
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Living processes whose environment has a variable. What a process was started with stays readable for its user until it
 * ends, so this finds workers and supervisors whatever happened to the files that name them.
 */
export function processesWith(variable: string): MarkedProcess[] {
  const found: MarkedProcess[] = [];
  for (const entry of readdirSync("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const environment = environmentOf(pid);
    if (environment?.[variable] === undefined) continue;
    const startTime = startTimeOf(pid);
    if (startTime !== undefined) found.push({ pid, startTime, environment });
  }
  return found;
}

function environmentOf(pid: number): Record<string, string> | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/environ`, "latin1");
  } catch {
    return undefined; // gone, or another user's
  }
  if (!text.includes("FORESHADOW_")) return undefined;
  return Object.fromEntries(
    text
      .split("\0")
      .map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)])
      .filter(([key]) => key !== ""),
  );
}
