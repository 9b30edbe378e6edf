import type { Hierarchy } from "../kernel/cgroup-hierarchy.ts";
import type { DescriptorBudget } from "../kernel/kernel-file.ts";
import type { Machine } from "../kernel/machine.ts";
import type { CgroupTraffic } from "../native/cgroup-traffic.ts";

/** What all samplers of one agent share. */
export interface Sampling {
  readonly procRoot: string;
  /** Of the host's files, those of container runtimes among them. */
  readonly hostRoot: string;
  readonly machine: Machine;
  readonly budget: DescriptorBudget;
  readonly hierarchies: readonly Hierarchy[];
  /** Counts the packets of a cgroup of version 2 from now on; or tells why it cannot. */
  readonly countPackets: (directory: string) => CgroupTraffic | string;
  /** Where kernel files are read into; its content is valid until the next read. */
  readonly buffer: Buffer;
  /** Reads that failed although what they read about was still there. Counted, never fatal. */
  partialReads: number;
}

/** One moment of measuring. */
export interface Tick {
  /** Counts up by one each interval; idle processes are read every few. */
  readonly number: number;
  /** Seconds of a monotonic clock. */
  readonly now: number;
  /** Seconds since the tick before. */
  readonly interval: number;
}

/** Reads without any change after which reading is done less often. */
export const IDLE_READS = 3;
/** Ticks between two reads of what is idle. */
export const IDLE_TICKS = 4;
