import { readFileSync } from "node:fs";

/** Mounts of this process's namespace. */
export function mounts(): { source: string; target: string }[] {
  return readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split(" "))
    .map(([source, target]) => ({ source, target }));
}
