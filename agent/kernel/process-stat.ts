import { Digits } from "./digits.ts";

/** `/proc/PID/stat`, what the agent needs of it (proc_pid_stat(5)). */
export interface ProcessStat {
  parent: number;
  /** Clock ticks. */
  userTime: number;
  systemTime: number;
  threads: number;
  /** Clock ticks after boot. */
  startTime: number;
  /** Pages. */
  resident: number;
}

const CLOSING = 41;
const digits = new Digits();

/**
 * Reads the fields into `into`. The name may contain anything, parentheses, spaces and newlines included: fields are
 * counted after the last closing parenthesis.
 *
 * @returns false when the text is cut or is not a stat line; `into` is then undefined in its content
 */
export function parseProcessStat(bytes: Buffer, length: number, into: ProcessStat): boolean {
  const name = bytes.lastIndexOf(CLOSING, length - 1);
  if (name < 0) return false;
  digits.over(bytes, name + 1, length);
  into.parent = digits.next();
  // pgrp, session, tty, tpgid (may be -1), flags, minflt, cminflt, majflt, cmajflt
  digits.skip(9);
  into.userTime = digits.next();
  into.systemTime = digits.next();
  // cutime, cstime, priority, nice: priority and nice may be negative, which is passed over with the sign
  digits.skip(4);
  into.threads = digits.next();
  digits.skip(1);
  into.startTime = digits.next();
  digits.skip(1);
  into.resident = digits.next();
  return !Number.isNaN(into.resident);
}

/** The name (comm) of a stat line, at most 15 bytes as the kernel keeps it; newlines and other control characters become `?`. */
export function statName(bytes: Buffer, length: number): string {
  const open = bytes.indexOf(40);
  const close = bytes.lastIndexOf(CLOSING, length - 1);
  return open < 0 || close < open ? "?" : printable(bytes.toString("utf8", open + 1, close));
}

/** A name without characters that would break a line of text. */
export function printable(name: string): string {
  return name.replace(/\p{Cc}/gu, "?");
}
