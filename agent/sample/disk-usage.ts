import type { Metric } from "../../model/dimension.ts";
import type { IoCounters } from "../kernel/cgroup-io.ts";
import type { ProcessTotals } from "./process-set.ts";

export interface Missing {
  readonly metric: Metric;
  readonly reason: string;
}

/** What a cgroup's block I/O accounting says at two ticks. */
export interface CgroupIoReading {
  readonly version: 1 | 2;
  readonly now: IoCounters;
  /** Undefined at the first tick. */
  readonly before: IoCounters | undefined;
}

/**
 * Disk usage of a workload from the sources there are. Version 2 of cgroups charges every write to whom it belongs, so its
 * figures come first. Version 1 charges buffered writes to the root: there the processes' own figures are the truth, which
 * count a write when its page is dirtied; so are they without a cgroup.
 *
 * @param processes undefined at the first tick, when they have no rates yet
 * @param count of processes
 * @returns what was measured, bytes or operations per second, and what cannot be
 */
export function diskUsage(
  cgroup: CgroupIoReading | undefined,
  processes: ProcessTotals | undefined,
  count: number,
  interval: number,
): { readonly usage: Partial<Record<Metric, number>>; readonly missing: readonly Missing[] } {
  const usage: Partial<Record<Metric, number>> = {};
  const missing: Missing[] = [];
  const perSecond = (now: number, before: number) => Math.max(0, now - before) / interval;
  if (cgroup === undefined) {
    const reason = "operations are counted by a cgroup's block I/O accounting, which this workload has not";
    missing.push({ metric: "disk_read_operations", reason }, { metric: "disk_write_operations", reason });
  } else if (cgroup.version === 1) {
    const reason = "version 1 of cgroups charges buffered writes to the root cgroup";
    missing.push({ metric: "disk_write_operations", reason });
  }
  if (cgroup?.before !== undefined) {
    const { now, before } = cgroup;
    usage.disk_read_operations = perSecond(now.reads, before.reads);
    if (cgroup.version === 2) {
      usage.disk_write_operations = perSecond(now.writes, before.writes);
      usage.disk_read = perSecond(now.read, before.read);
      usage.disk_write = perSecond(now.written, before.written);
    }
  }
  if (cgroup?.version === 2 || processes === undefined) return { usage, missing };
  if (processes.ioHidden > 0) {
    const reason = `/proc/PID/io of ${processes.ioHidden} of ${count} processes: ${processes.ioError}; needs root or CAP_SYS_PTRACE`;
    missing.push({ metric: "disk_read", reason }, { metric: "disk_write", reason });
  } else {
    usage.disk_read = processes.diskRead;
    usage.disk_write = processes.diskWrite;
  }
  return { usage, missing };
}
