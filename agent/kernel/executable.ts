import { readlinkSync } from "node:fs";
import { printable } from "./process-stat.ts";

/** Path of a process's executable, without the mark of a deleted one; undefined for kernel threads and where it may not be read. */
export function executablePath(procRoot: string, pid: number): string | undefined {
  try {
    return readlinkSync(`${procRoot}/${pid}/exe`).replace(/ \(deleted\)$/, "");
  } catch {
    return undefined;
  }
}

/** Name to show of an executable: the last part of its path, else the process's own name. Never its arguments: those hold secrets. */
export function executableName(path: string | undefined, name: string): string {
  return path === undefined ? name : printable(path.slice(path.lastIndexOf("/") + 1)) || name;
}
