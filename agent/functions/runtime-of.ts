import { closeSync, openSync, readSync } from "node:fs";
import type { ProfiledRuntime } from "../../model/project.ts";
import { executablePath } from "../kernel/executable.ts";

const NODE = /^node(js)?(-?[\d.]+)?$/;
const PYTHON = /^python[\d.]*$/;

/** Which runtime's program a process is, by its executable; undefined for others, and where it may not be read. */
export function runtimeOf(procRoot: string, pid: number): ProfiledRuntime | undefined {
  const path = executablePath(procRoot, pid);
  if (path === undefined) return undefined;
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (NODE.test(name)) return "node";
  if (PYTHON.test(name)) return "python";
  // By the link itself: a container's path is another file here, and a replaced program is none.
  return isGoProgram(`${procRoot}/${pid}/exe`) ? "go" : undefined;
}

/** The section in which Go's linker notes what a program was built of (https://pkg.go.dev/debug/buildinfo). */
const BUILD_INFO = "\0.go.buildinfo\0";
const HEADER_BYTES = 64;
const SECTION_BYTES = 64;
const MOST_NAMES = 64 * 1024;

/** Whether a file is a 64-bit little-endian ELF program (elf(5)) with Go's section. */
function isGoProgram(path: string): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch {
    return false;
  }
  try {
    const header = at(descriptor, 0, HEADER_BYTES);
    if (header.length < HEADER_BYTES || header.readUInt32BE(0) !== 0x7f454c46 || header.readUInt16BE(4) !== 0x0201)
      return false;
    const sections = Number(header.readBigUInt64LE(40));
    const names = at(descriptor, sections + header.readUInt16LE(62) * SECTION_BYTES, SECTION_BYTES);
    if (names.length < SECTION_BYTES) return false;
    const size = Math.min(MOST_NAMES, Number(names.readBigUInt64LE(32)));
    return at(descriptor, Number(names.readBigUInt64LE(24)), size).includes(BUILD_INFO, 0, "latin1");
  } catch {
    return false;
  } finally {
    closeSync(descriptor);
  }
}

function at(descriptor: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(descriptor, bytes, 0, length, position));
}
