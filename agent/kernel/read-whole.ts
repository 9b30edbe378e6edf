import { closeSync, openSync, readSync } from "node:fs";

/** Larger than any file of /proc that the agent reads in one go: 4 MiB of /proc/net/tcp are 27,000 sockets. */
const MAX_BYTES = 4 * 1024 * 1024;
const CHUNK = 64 * 1024;

/** The whole text of a kernel file, at most 4 MiB; undefined when it cannot be read. Bytes are taken as Latin-1, so that none is lost. */
export function readWhole(path: string): string | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch {
    return undefined;
  }
  try {
    let text = "";
    const chunk = Buffer.allocUnsafe(CHUNK);
    while (text.length < MAX_BYTES) {
      const length = readSync(descriptor, chunk, 0, CHUNK, null);
      if (length === 0) break;
      text += chunk.toString("latin1", 0, length);
    }
    return text;
  } catch {
    return undefined;
  } finally {
    closeSync(descriptor);
  }
}
