import { readdirSync } from "node:fs";
import { printable } from "./process-stat.ts";
import { readWhole } from "./read-whole.ts";

/** Ids of a process's threads; undefined when the process is no more or may not be read. */
export function threadIds(procRoot: string, pid: number): number[] | undefined {
  try {
    return readdirSync(`${procRoot}/${pid}/task`)
      .map(Number)
      .filter((tid) => Number.isInteger(tid));
  } catch {
    return undefined;
  }
}

/** The name a thread gave itself, at most 15 bytes. */
export function threadName(procRoot: string, pid: number, tid: number): string {
  const text = readWhole(`${procRoot}/${pid}/task/${tid}/comm`)?.replace(/\n$/, "");
  return text === undefined ? "?" : printable(Buffer.from(text, "latin1").toString("utf8"));
}

/**
 * Whether a thread is on a CPU or waits for one, by the state after the last parenthesis of its `stat`.
 *
 * @param directory `/proc/PID/task/TID`
 */
export function isRunnable(directory: string): boolean {
  const text = readWhole(`${directory}/stat`) ?? "";
  return text.startsWith(" R", text.lastIndexOf(")") + 1);
}
