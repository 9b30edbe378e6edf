import { readWhole } from "./read-whole.ts";

/**
 * Whether a process has a handler of its own for a signal: the mask `SigCgt` of `/proc/PID/status` (proc_pid_status(5)), whose lowest bit is
 * signal 1. False where that cannot be read.
 */
export function catchesSignal(procRoot: string, pid: number, signal: number): boolean {
  const mask = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readWhole(`${procRoot}/${pid}/status`) ?? "")?.[1];
  return mask !== undefined && ((BigInt(`0x${mask}`) >> BigInt(signal - 1)) & 1n) === 1n;
}
