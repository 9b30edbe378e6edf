import { closeSync, openSync, readSync } from "node:fs";

const MOST_BYTES = 64 * 1024;

/** Pids in a file, separated by white space; empty when it cannot be read, as before the daemon's start. */
export function readPidFile(path: string): number[] {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, "r");
    const buffer = Buffer.alloc(MOST_BYTES);
    const text = buffer.toString("latin1", 0, readSync(descriptor, buffer, 0, MOST_BYTES, 0));
    return text
      .split(/\s+/)
      .filter((part) => /^\d{1,10}$/.test(part))
      .map(Number)
      .filter((pid) => pid > 0);
  } catch {
    return [];
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
