import { existsSync } from "node:fs";
import { join } from "node:path";
import { type DescriptorBudget, KernelFile } from "./kernel-file.ts";
import { readWhole } from "./read-whole.ts";

/** What a cgroup and all below it asked of block devices, since it was made. `NaN` where the kernel does not say. */
export interface IoCounters {
  readonly read: number;
  readonly written: number;
  readonly reads: number;
  readonly writes: number;
}

export interface IoLimits {
  readonly read: number;
  readonly write: number;
  readonly reads: number;
  readonly writes: number;
}

/** Reads a cgroup's block I/O. Version 1 charges buffered writes to the root, so that its written bytes are those of direct I/O alone. */
export class CgroupIo {
  readonly version: 1 | 2;
  readonly #files: readonly KernelFile[];
  readonly #directory: string;

  private constructor(directory: string, version: 1 | 2, files: readonly KernelFile[]) {
    this.#directory = directory;
    this.version = version;
    this.#files = files;
  }

  /** The reader for a cgroup's directory; undefined when the directory accounts no block I/O. */
  static of(directory: string, version: 1 | 2, budget: DescriptorBudget): CgroupIo | undefined {
    const names =
      version === 2
        ? ["io.stat"]
        : ["blkio.throttle.io_service_bytes_recursive", "blkio.throttle.io_serviced_recursive"];
    const paths = names.map((name) => join(directory, name));
    if (!paths.every((path) => existsSync(path))) return undefined;
    const files = paths.map((path) => new KernelFile(path, budget));
    return new CgroupIo(directory, version, files);
  }

  /** Undefined when it cannot be read. */
  read(buffer: Buffer): IoCounters | undefined {
    const texts = this.#files.map((file) => {
      const length = file.read(buffer, true);
      return length < 0 ? undefined : buffer.toString("latin1", 0, length);
    });
    if (texts.some((text) => text === undefined)) return undefined;
    if (this.version === 2) return parseIoStat(texts[0]!);
    const [bytes, operations] = [parseServiced(texts[0]!), parseServiced(texts[1]!)];
    return { read: bytes.read, written: bytes.write, reads: operations.read, writes: operations.write };
  }

  /** Smallest limits on any device, bytes and operations per second; `Infinity` without one. */
  limits(): IoLimits {
    if (this.version === 2) {
      const text = readWhole(join(this.#directory, "io.max")) ?? "";
      const of = (key: string) => least(text.matchAll(new RegExp(`\\b${key}=(\\d+)`, "g")));
      return { read: of("rbps"), write: of("wbps"), reads: of("riops"), writes: of("wiops") };
    }
    const of = (name: string) =>
      least((readWhole(join(this.#directory, `blkio.throttle.${name}_device`)) ?? "").matchAll(/^\S+ (\d+)$/gm));
    return { read: of("read_bps"), write: of("write_bps"), reads: of("read_iops"), writes: of("write_iops") };
  }

  close(): void {
    for (const file of this.#files) file.close();
  }
}

function least(matches: Iterable<RegExpMatchArray>): number {
  let result = Number.POSITIVE_INFINITY;
  for (const match of matches) result = Math.min(result, Number(match[1]));
  return result;
}

/** `io.stat` of version 2: `8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0`, a line a device. */
export function parseIoStat(text: string): IoCounters {
  const sum = { read: 0, written: 0, reads: 0, writes: 0 };
  for (const [, key, value] of text.matchAll(/\b(rbytes|wbytes|rios|wios)=(\d+)/g)) {
    if (key === "rbytes") sum.read += Number(value);
    else if (key === "wbytes") sum.written += Number(value);
    else if (key === "rios") sum.reads += Number(value);
    else sum.writes += Number(value);
  }
  return sum;
}

/** `blkio.throttle.*` of version 1: `8:0 Read 1`, `8:0 Write 2`, …, `Total 3`. */
export function parseServiced(text: string): { readonly read: number; readonly write: number } {
  const sum = { read: 0, write: 0 };
  for (const [, kind, value] of text.matchAll(/^\S+ (Read|Write) (\d+)$/gm)) {
    if (kind === "Read") sum.read += Number(value);
    else sum.write += Number(value);
  }
  return sum;
}
