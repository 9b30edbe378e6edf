import { join } from "node:path";
import { keyedNumber } from "./flat-keyed.ts";
import { type DescriptorBudget, KernelFile } from "./kernel-file.ts";
import { readWhole } from "./read-whole.ts";

/** Periods of a CPU quota, and those in which it was used up. */
export interface Periods {
  readonly all: number;
  readonly throttled: number;
}

/** `nr_periods` and `nr_throttled` of `cpu.stat`, in both versions. */
export class CgroupThrottling {
  readonly #file: KernelFile;

  private constructor(file: KernelFile) {
    this.#file = file;
  }

  /** Undefined when the directory's hierarchy sets no quotas. */
  static of(directory: string, budget: DescriptorBudget): CgroupThrottling | undefined {
    const path = join(directory, "cpu.stat");
    const periods = keyedNumber(readWhole(path) ?? "", "nr_periods");
    return Number.isNaN(periods) ? undefined : new CgroupThrottling(new KernelFile(path, budget));
  }

  /** Since the cgroup was made; undefined when it cannot be read. */
  read(buffer: Buffer): Periods | undefined {
    const length = this.#file.read(buffer);
    if (length < 0) return undefined;
    const text = buffer.toString("latin1", 0, length);
    return { all: keyedNumber(text, "nr_periods"), throttled: keyedNumber(text, "nr_throttled") };
  }

  close(): void {
    this.#file.close();
  }
}
