import { existsSync } from "node:fs";
import { join } from "node:path";
import { Digits } from "./digits.ts";
import { type DescriptorBudget, KernelFile } from "./kernel-file.ts";

const NAMES = { cpu: "cpu.pressure", memory: "memory.pressure", disk: "io.pressure" } as const;
/** `some avg10=0.00 avg60=0.00 avg300=0.00 total=`: the numbers before the total. */
const BEFORE_TOTAL = 9;

/** Pressure stall information of a cgroup and all below it (Documentation/accounting/psi.rst); version 2 alone has it. */
export class CgroupPressure {
  readonly #files: readonly (readonly [keyof typeof NAMES, KernelFile])[];
  readonly #digits = new Digits();

  private constructor(files: readonly (readonly [keyof typeof NAMES, KernelFile])[]) {
    this.#files = files;
  }

  /** Undefined when the kernel tells none of a cgroup's directory. */
  static of(directory: string, budget: DescriptorBudget): CgroupPressure | undefined {
    const present = (Object.keys(NAMES) as (keyof typeof NAMES)[]).filter((kind) =>
      existsSync(join(directory, NAMES[kind])),
    );
    if (present.length === 0) return undefined;
    return new CgroupPressure(present.map((kind) => [kind, new KernelFile(join(directory, NAMES[kind]), budget)]));
  }

  /** Seconds since the cgroup was made in which at least one task stalled. What cannot be read is absent. */
  read(buffer: Buffer): Partial<Record<keyof typeof NAMES, number>> {
    const stalled: Partial<Record<keyof typeof NAMES, number>> = {};
    for (const [kind, file] of this.#files) {
      const length = file.read(buffer);
      const total = length < 0 ? Number.NaN : this.#digits.over(buffer, 0, length).skip(BEFORE_TOTAL).next();
      if (!Number.isNaN(total)) stalled[kind] = total * 1e-6;
    }
    return stalled;
  }

  close(): void {
    for (const [, file] of this.#files) file.close();
  }
}
