import { existsSync } from "node:fs";
import { join } from "node:path";
import { Digits } from "./digits.ts";
import { keyedNumber, keyedSum } from "./flat-keyed.ts";
import { type DescriptorBudget, KernelFile } from "./kernel-file.ts";

interface Names {
  readonly usage: string;
  readonly limit: string;
  readonly inactive: string;
  /**
   * Pages that came back after their eviction. Version 2 tells those which came back sooner than the working set is large;
   * version 1 only all of them.
   */
  readonly returned: readonly string[];
  /** Where swapped bytes are: a file of their own, or a key of `memory.stat`. */
  readonly swapFile: string | undefined;
  /** Counts how often the limit made the kernel reclaim: a file with one number, or with keys. */
  readonly hits: string;
}

const NAMES: Record<1 | 2, Names> = {
  1: {
    usage: "memory.usage_in_bytes",
    limit: "memory.limit_in_bytes",
    inactive: "total_inactive_file",
    returned: ["total_workingset_refault_anon", "total_workingset_refault_file"],
    swapFile: undefined,
    hits: "memory.failcnt",
  },
  2: {
    usage: "memory.current",
    limit: "memory.max",
    inactive: "inactive_file",
    returned: ["workingset_activate_anon", "workingset_activate_file"],
    swapFile: "memory.swap.current",
    hits: "memory.events",
  },
};

/** Version 1 writes "no limit" as a number of pages near 2^63. */
const NO_LIMIT = 2 ** 60;

/** Memory of a cgroup at one moment. `NaN` where the kernel does not say. */
export interface MemoryReading {
  /** Bytes: usage without page cache that the kernel would give up first, as the kubelet counts it. */
  readonly workingSet: number;
  /** Pages that came back after their eviction, since the cgroup was made. */
  readonly returnedPages: number;
  /** Bytes. */
  readonly swapped: number;
  /** Times that the limit made the kernel reclaim, since the cgroup was made. */
  readonly limitHits: number;
}

/** Memory of a cgroup and all below it. */
export class CgroupMemory {
  readonly #names: Names;
  readonly #usage: KernelFile;
  readonly #stat: KernelFile;
  readonly #limit: KernelFile;
  readonly #hits: KernelFile;
  readonly #swap: KernelFile | undefined;
  readonly #digits = new Digits();

  private constructor(directory: string, version: 1 | 2, budget: DescriptorBudget) {
    this.#names = NAMES[version];
    const file = (name: string) => new KernelFile(join(directory, name), budget);
    this.#usage = file(this.#names.usage);
    this.#stat = file("memory.stat");
    this.#limit = file(this.#names.limit);
    this.#hits = file(this.#names.hits);
    const { swapFile } = this.#names;
    if (swapFile !== undefined && existsSync(join(directory, swapFile))) this.#swap = file(swapFile);
  }

  /** The reader for a cgroup's directory; undefined when the directory accounts no memory. */
  static of(directory: string, version: 1 | 2, budget: DescriptorBudget): CgroupMemory | undefined {
    return existsSync(join(directory, NAMES[version].usage)) ? new CgroupMemory(directory, version, budget) : undefined;
  }

  /** Undefined when it cannot be read. */
  read(buffer: Buffer): MemoryReading | undefined {
    const usage = this.#number(this.#usage, buffer);
    const length = this.#stat.read(buffer);
    if (length < 0 || Number.isNaN(usage)) return undefined;
    const text = buffer.toString("latin1", 0, length);
    const inactive = keyedNumber(text, this.#names.inactive);
    return {
      workingSet: Math.max(0, usage - (Number.isNaN(inactive) ? 0 : inactive)),
      returnedPages: keyedSum(text, this.#names.returned),
      swapped: this.#swap === undefined ? keyedNumber(text, "total_swap") : this.#number(this.#swap, buffer),
      limitHits: this.#limitHits(buffer),
    };
  }

  /** Share of its limit that the working set takes; 0 without a limit. */
  fill(buffer: Buffer): number {
    return (this.read(buffer)?.workingSet ?? 0) / this.limit(buffer);
  }

  /** The limit in bytes; `Infinity` when there is none. */
  limit(buffer: Buffer): number {
    const limit = this.#number(this.#limit, buffer);
    return Number.isNaN(limit) || limit >= NO_LIMIT ? Number.POSITIVE_INFINITY : limit;
  }

  /** `high` and `max` of `memory.events`, or the one number of `memory.failcnt`. */
  #limitHits(buffer: Buffer): number {
    const length = this.#hits.read(buffer);
    if (length < 0) return Number.NaN;
    const text = buffer.toString("latin1", 0, length);
    const keyed = keyedSum(text, ["high", "max"]);
    return Number.isNaN(keyed) ? this.#digits.over(buffer, 0, length).next() : keyed;
  }

  #number(file: KernelFile, buffer: Buffer): number {
    const length = file.read(buffer);
    return length < 0 ? Number.NaN : this.#digits.over(buffer, 0, length).next();
  }

  close(): void {
    for (const file of [this.#usage, this.#stat, this.#limit, this.#hits, this.#swap]) file?.close();
  }
}
