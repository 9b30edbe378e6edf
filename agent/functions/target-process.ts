import { type ProcessStat, parseProcessStat } from "../kernel/process-stat.ts";
import { readWhole } from "../kernel/read-whole.ts";
import type { Target } from "./profiler.port.ts";

const stat: ProcessStat = { parent: 0, userTime: 0, systemTime: 0, threads: 0, startTime: 0, resident: 0 };

/**
 * CPU time of a process so far, in clock ticks.
 *
 * @throws Error when the process is no more, or its pid is another's
 */
export function cpuTicks({ procRoot, pid, startTime }: Target): number {
  const bytes = Buffer.from(readWhole(`${procRoot}/${pid}/stat`) ?? "", "latin1");
  if (!parseProcessStat(bytes, bytes.length, stat) || stat.startTime !== startTime)
    throw new Error("it ended before it was profiled");
  return stat.userTime + stat.systemTime;
}
