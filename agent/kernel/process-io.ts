import { Digits } from "./digits.ts";

/** `/proc/PID/io`: bytes that the process caused to be fetched from and sent to storage, live and dead threads together. */
export interface ProcessIo {
  read: number;
  written: number;
}

const digits = new Digits();

/**
 * Lines are rchar, wchar, syscr, syscw, read_bytes, write_bytes, cancelled_write_bytes (proc_pid_io(5)). Writes count
 * when a page is dirtied, so a later deletion is in `cancelled` and is left aside: it was asked for.
 */
export function parseProcessIo(bytes: Buffer, length: number, into: ProcessIo): boolean {
  digits.over(bytes, 0, length).skip(4);
  into.read = digits.next();
  into.written = digits.next();
  return !Number.isNaN(into.written);
}
