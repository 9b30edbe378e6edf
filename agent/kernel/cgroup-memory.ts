import { existsSync } from "node:fs";
import { join } from "node:path";
import { Digits } from "./digits.ts";
import { type DescriptorBudget, KernelFile } from "./kernel-file.ts";

const NAMES = {
  1: { usage: "memory.usage_in_bytes", limit: "memory.limit_in_bytes", inactive: "total_inactive_file " },
  2: { usage: "memory.current", limit: "memory.max", inactive: "inactive_file " },
} as const;

/** Version 1 writes "no limit" as a number of pages near 2^63. */
const NO_LIMIT = 2 ** 60;

/** Memory of a cgroup and all below it. */
export class CgroupMemory {
  readonly #usage: KernelFile;
  readonly #stat: KernelFile;
  readonly #limit: KernelFile;
  readonly #inactive: string;
  readonly #digits = new Digits();

  private constructor(directory: string, version: 1 | 2, budget: DescriptorBudget) {
    const names = NAMES[version];
    this.#usage = new KernelFile(join(directory, names.usage), budget);
    this.#stat = new KernelFile(join(directory, "memory.stat"), budget);
    this.#limit = new KernelFile(join(directory, names.limit), budget);
    this.#inactive = names.inactive;
  }

  /** The reader for a cgroup's directory; undefined when the directory accounts no memory. */
  static of(directory: string, version: 1 | 2, budget: DescriptorBudget): CgroupMemory | undefined {
    return existsSync(join(directory, NAMES[version].usage)) ? new CgroupMemory(directory, version, budget) : undefined;
  }

  /**
   * Working set in bytes: usage without page cache that the kernel would give up first, as the kubelet counts it. `NaN`
   * when it cannot be read.
   */
  read(buffer: Buffer): number {
    const usage = this.#number(this.#usage, buffer);
    const length = this.#stat.read(buffer);
    if (length < 0 || Number.isNaN(usage)) return Number.NaN;
    const text = buffer.toString("latin1", 0, length);
    const line = text.startsWith(this.#inactive) ? 0 : text.indexOf(`\n${this.#inactive}`) + 1;
    if (line === 0 && !text.startsWith(this.#inactive)) return usage;
    const inactive = this.#digits.over(buffer, line + this.#inactive.length, length).next();
    return Math.max(0, usage - (Number.isNaN(inactive) ? 0 : inactive));
  }

  /** The limit in bytes; `Infinity` when there is none. */
  limit(buffer: Buffer): number {
    const limit = this.#number(this.#limit, buffer);
    return Number.isNaN(limit) || limit >= NO_LIMIT ? Number.POSITIVE_INFINITY : limit;
  }

  #number(file: KernelFile, buffer: Buffer): number {
    const length = file.read(buffer);
    return length < 0 ? Number.NaN : this.#digits.over(buffer, 0, length).next();
  }

  close(): void {
    this.#usage.close();
    this.#stat.close();
    this.#limit.close();
  }
}
