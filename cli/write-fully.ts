import { writeSync } from "node:fs";

/** Milliseconds until a pipe whose reader is slow is tried again. */
const RETRY = 5;

/**
 * Writes all of a text before it returns. A pipe that Node has made non-blocking refuses what it has no room for (`EAGAIN`): that is
 * tried again until the reader has caught up.
 *
 * @returns false when the reader has gone, as `head` does once it has what it wanted
 * @throws Error of the system when it cannot be written: no space
 */
export function writeFully(descriptor: number, text: string, write: typeof writeSync = writeSync): boolean {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += write(descriptor, bytes, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EPIPE") return false;
      if (code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY);
    }
  }
  return true;
}
