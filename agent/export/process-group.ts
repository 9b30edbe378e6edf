import type { Metric } from "../../model/dimension.ts";
import type { ProcessIdentity, ProcessMeasures } from "../../model/vector.ts";
import type { ProcessSampler } from "../sample/process-sampler.ts";

/** Cumulative figures: seconds and bytes. `NaN` where not readable. */
export interface ProcessCounters {
  user: number;
  system: number;
  /** Seconds waited for a CPU. */
  waited: number;
  read: number;
  written: number;
}

/** Processes of one executable that are exported together, under pid 0. */
export class ProcessGroup {
  readonly counters: ProcessCounters = { user: 0, system: 0, waited: 0, read: 0, written: 0 };
  readonly #identity: ProcessIdentity = { pid: 0, startTime: 0 };
  readonly #executable: string;
  size = 0;
  #usage = 0;
  #demand = 0;
  #resident = 0;
  #read = 0;
  #write = 0;

  constructor(executable: string) {
    this.#executable = executable;
  }

  clear(): void {
    this.size = this.#usage = this.#demand = this.#resident = this.#read = this.#write = 0;
  }

  /** A rate that one process hides makes the sum `NaN`. */
  add(sampler: ProcessSampler): void {
    this.size++;
    this.#usage += sampler.cpuUsage;
    this.#demand += sampler.cpuDemand;
    this.#resident += sampler.resident;
    this.#read += sampler.diskRead;
    this.#write += sampler.diskWrite;
  }

  /** Adds what a process did since `before`. */
  count(before: ProcessCounters, now: ProcessSampler): void {
    const { counters } = this;
    counters.user += now.userTime - before.user;
    counters.system += now.systemTime - before.system;
    counters.waited += now.waitTime - before.waited;
    if (now.bytesRead > before.read) counters.read += now.bytesRead - before.read;
    if (now.bytesWritten > before.written) counters.written += now.bytesWritten - before.written;
  }

  measures(): ProcessMeasures {
    const usage: Partial<Record<Metric, number>> = { cpu: this.#usage, memory: this.#resident };
    if (!Number.isNaN(this.#read)) usage.disk_read = this.#read;
    if (!Number.isNaN(this.#write)) usage.disk_write = this.#write;
    return {
      identity: this.#identity,
      executable: this.#executable,
      usage,
      demand: { ...usage, cpu: this.#demand },
      censored: [],
      threads: [],
    };
  }
}
