import { existsSync } from "node:fs";
import { join } from "node:path";
import { Digits } from "./digits.ts";
import { type DescriptorBudget, KernelFile } from "./kernel-file.ts";

/**
 * CPU time of a cgroup and all below it, those included whose life was too short to be seen: `usage_usec` of `cpu.stat`
 * (version 2) or `cpuacct.usage`, nanoseconds (version 1).
 */
export class CgroupCpu {
  readonly #file: KernelFile;
  readonly #unit: number;
  readonly #digits = new Digits();

  private constructor(file: KernelFile, unit: number) {
    this.#file = file;
    this.#unit = unit;
  }

  /** The reader for a cgroup's directory; undefined when the directory accounts no CPU time. */
  static of(directory: string, version: 1 | 2, budget: DescriptorBudget): CgroupCpu | undefined {
    const path = join(directory, version === 2 ? "cpu.stat" : "cpuacct.usage");
    if (!existsSync(path)) return undefined;
    return new CgroupCpu(new KernelFile(path, budget), version === 2 ? 1e-6 : 1e-9);
  }

  /** Seconds since the cgroup was made; `NaN` when it cannot be read. `usage_usec` is the first line of `cpu.stat`. */
  read(buffer: Buffer): number {
    const length = this.#file.read(buffer);
    return length < 0 ? Number.NaN : this.#digits.over(buffer, 0, length).next() * this.#unit;
  }

  close(): void {
    this.#file.close();
  }
}
