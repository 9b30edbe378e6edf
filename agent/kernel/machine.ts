import { readFileSync } from "node:fs";
import { readWhole } from "./read-whole.ts";

/** What the kernel's figures are counted in on this machine. */
export interface Machine {
  readonly pageSize: number;
  readonly ticksPerSecond: number;
  /** Descriptors that may be kept. */
  readonly descriptors: number;
}

const AT_PAGESZ = 6n;
const AT_CLKTCK = 17n;
/** Left for sockets, the directory being listed and whatever the runtime opens. */
const RESERVE = 256;
const MOST = 65_536;

/** Page size and clock ticks from the auxiliary vector (getauxval(3)), the descriptor limit from `/proc/self/limits`. Always this process's own. */
export function readMachine(): Machine {
  let pageSize = 4096;
  let ticksPerSecond = 100;
  try {
    const vector = readFileSync("/proc/self/auxv");
    for (let at = 0; at + 16 <= vector.length; at += 16) {
      const key = vector.readBigUInt64LE(at);
      if (key === AT_PAGESZ) pageSize = Number(vector.readBigUInt64LE(at + 8));
      if (key === AT_CLKTCK) ticksPerSecond = Number(vector.readBigUInt64LE(at + 8));
    }
  } catch {
    // Not readable: the values of nearly every Linux stay.
  }
  const limit = /^Max open files\s+(\d+)/m.exec(readWhole("/proc/self/limits") ?? "");
  const descriptors = Math.max(0, Math.min(MOST, Number(limit?.[1] ?? 1024) - RESERVE));
  return { pageSize, ticksPerSecond, descriptors };
}
