import type { Metric } from "../../model/dimension.ts";
import type { ProcessIdentity, ProcessMeasures, ThreadMeasures } from "../../model/vector.ts";
import { executableName, executablePath } from "../kernel/executable.ts";
import { isGone, KernelFile } from "../kernel/kernel-file.ts";
import { type ProcessIo, parseProcessIo } from "../kernel/process-io.ts";
import { type ProcessStat, parseProcessStat, statName } from "../kernel/process-stat.ts";
import { threadIds, threadName } from "../kernel/threads.ts";
import { IDLE_READS, IDLE_TICKS, type Sampling, type Tick } from "./sampling.ts";
import { ThreadSampler } from "./thread-sampler.ts";

/** Threads are listed again when their number changes, and this often, since one can come as another goes. */
const LIST_THREADS_TICKS = 10;
/** Of an idle process only the scheduler's figure is read; memory and parent are looked at this often. */
const REFRESH_TICKS = 30;
/** Clock ticks of the process's CPU time are this coarse; threads' nanoseconds that agree within it are preferred. */
const COARSE_SECONDS = 0.03;
const MOST_THREADS = 10_000;

const stat: ProcessStat = { parent: 0, userTime: 0, systemTime: 0, threads: 0, startTime: 0, resident: 0 };
const io: ProcessIo = { read: 0, written: 0 };

/** One process: kept descriptors, counters, and the rates since the read before. */
export class ProcessSampler {
  readonly identity: ProcessIdentity;
  readonly executable: string;
  parent: number;
  /** Cumulative, of the process's whole life: seconds and bytes. `NaN` where not readable. */
  userTime = 0;
  systemTime = 0;
  bytesRead = Number.NaN;
  bytesWritten = Number.NaN;
  /** Cumulative since the agent knows the process: seconds waited for a CPU. */
  waitTime = 0;
  /** Code of the error that hides its disk I/O, `EACCES`. */
  ioError: string | undefined;
  /** Whether the kernel tells how long its threads waited for a CPU. Without that, demand is at least the usage. */
  waitKnown = true;
  /** Seconds on a CPU since the read before. */
  ran = 0;
  readonly #main: ThreadSampler;
  readonly #stat: KernelFile;
  readonly #io: KernelFile;
  readonly #others = new Map<number, ThreadSampler>();
  #threadCount: number;
  #listedAt = Number.NEGATIVE_INFINITY;
  #listedTime: number | undefined;
  #statRead: number;
  #checkedAt: number;
  #idle = 0;
  #next = 0;
  #refresh = 0;
  #resident: number;
  #measures: ProcessMeasures | undefined;
  /** False until there are two reads to take a rate from. */
  #rated = false;
  #cpu = 0;
  #demand = 0;
  #diskRead = Number.NaN;
  #diskWrite = Number.NaN;

  /**
   * Opens a process; undefined when it is gone already. One that was born since the tick before counts from nothing.
   *
   * @param uptime seconds since boot, now
   */
  static open(sampling: Sampling, pid: number, tick: Tick, uptime: number): ProcessSampler | undefined {
    const file = new KernelFile(`${sampling.procRoot}/${pid}/stat`, sampling.budget);
    const length = file.read(sampling.buffer);
    if (length < 0 || !parseProcessStat(sampling.buffer, length, stat)) {
      if (!isGone(file.error)) sampling.partialReads++;
      file.close();
      return undefined;
    }
    return new ProcessSampler(sampling, pid, tick, uptime, file, statName(sampling.buffer, length));
  }

  private constructor(sampling: Sampling, pid: number, tick: Tick, uptime: number, statFile: KernelFile, name: string) {
    const { procRoot, machine, budget } = sampling;
    this.identity = { pid, startTime: stat.startTime };
    this.parent = stat.parent;
    this.#stat = statFile;
    this.#threadCount = stat.threads;
    this.#resident = stat.resident * machine.pageSize;
    this.userTime = stat.userTime / machine.ticksPerSecond;
    this.systemTime = stat.systemTime / machine.ticksPerSecond;
    const age = uptime - stat.startTime / machine.ticksPerSecond;
    const born = age >= 0 && age <= tick.interval;
    this.#statRead = born ? 0 : this.userTime + this.systemTime;
    this.#checkedAt = born ? tick.now - tick.interval : tick.now;
    this.executable = executableName(executablePath(procRoot, pid), name);
    this.#main = new ThreadSampler(sampling, pid, pid, name, tick.now, born ? tick.now - tick.interval : undefined);
    this.#io = new KernelFile(`${procRoot}/${pid}/io`, budget);
    if (born) this.bytesRead = this.bytesWritten = 0;
    this.#listedTime = born ? tick.now - tick.interval : undefined;
  }

  /** Resident bytes. Pages shared between processes count in each. */
  get resident(): number {
    return this.#resident;
  }

  get threads(): number {
    return this.#threadCount;
  }

  get cpuUsage(): number {
    return this.#cpu;
  }

  get cpuDemand(): number {
    return this.#demand;
  }

  /** Bytes per second; `NaN` when they may not be read. */
  get diskRead(): number {
    return this.#diskRead;
  }

  get diskWrite(): number {
    return this.#diskWrite;
  }

  /** Whether this tick would pass the process over, since it was idle for some reads. */
  resting(tick: Tick): boolean {
    return tick.number < this.#next;
  }

  /**
   * Reads what is due.
   *
   * @param wake reads it although it was idle, since its cgroup shows CPU time that nobody accounts for
   * @returns false when the process is no more, or the pid is another process's now
   */
  sample(sampling: Sampling, tick: Tick, wake: boolean): boolean {
    if (!wake && this.resting(tick)) {
      this.#rest();
      return true;
    }
    const elapsed = tick.now - this.#checkedAt;
    // Without a figure of the scheduler's, be the process gone or the kernel built without it, `stat` tells which.
    const main = this.#main.read(sampling, tick) ?? Number.NaN;
    this.waitKnown = !Number.isNaN(main);
    const quiet = main === 0 && this.#threadCount === 1 && tick.number < this.#refresh;
    if (quiet) {
      this.#rest();
      this.#backOff(tick, true);
    } else if (!this.#readStat(sampling, tick, main, elapsed, wake)) return false;
    this.#checkedAt = tick.now;
    return true;
  }

  #readStat(sampling: Sampling, tick: Tick, main: number, elapsed: number, wake: boolean): boolean {
    const length = this.#stat.read(sampling.buffer);
    if (length < 0 || !parseProcessStat(sampling.buffer, length, stat)) {
      if (isGone(this.#stat.error)) return false;
      sampling.partialReads++;
      return true;
    }
    if (stat.startTime !== this.identity.startTime) return false;
    const { pageSize, ticksPerSecond } = sampling.machine;
    this.parent = stat.parent;
    this.userTime = stat.userTime / ticksPerSecond;
    this.systemTime = stat.systemTime / ticksPerSecond;
    this.#resident = stat.resident * pageSize;
    this.#threadCount = stat.threads;
    this.#refresh = tick.number + REFRESH_TICKS;
    const total = this.userTime + this.systemTime;
    const ticked = Math.max(0, total - this.#statRead);
    this.#statRead = total;
    if (this.#threadCount > 1 || this.#others.size > 0) this.#readOthers(sampling, tick, ticked - main, wake);
    this.#rated = elapsed > 0;
    this.#sum(ticked, main, elapsed);
    this.#readIo(sampling, elapsed);
    this.#measures = undefined;
    this.#backOff(tick, this.ran === 0 && ticked === 0);
    return true;
  }

  #readOthers(sampling: Sampling, tick: Tick, expected: number, wake: boolean): void {
    if (this.#threadCount !== this.#others.size + 1 || tick.number >= this.#listedAt + LIST_THREADS_TICKS)
      this.#list(sampling, tick);
    let unexplained = expected;
    const passed: ThreadSampler[] = [];
    for (const [tid, thread] of this.#others) {
      if (!wake && !thread.due(tick)) {
        passed.push(thread);
        continue;
      }
      const ran = thread.read(sampling, tick);
      if (ran === undefined) this.#drop(tid);
      else unexplained -= ran;
    }
    const search = unexplained > COARSE_SECONDS;
    for (const thread of passed) {
      if (!search) thread.rest();
      else if (thread.read(sampling, tick) === undefined) this.#drop(thread.tid);
    }
  }

  #list(sampling: Sampling, tick: Tick): void {
    const { pid } = this.identity;
    const ids = threadIds(sampling.procRoot, pid);
    if (ids === undefined) return;
    const present = new Set(ids);
    for (const tid of this.#others.keys()) if (!present.has(tid)) this.#drop(tid);
    for (const tid of ids) {
      if (tid === pid || this.#others.has(tid) || this.#others.size >= MOST_THREADS) continue;
      const name = threadName(sampling.procRoot, pid, tid);
      this.#others.set(tid, new ThreadSampler(sampling, pid, tid, name, tick.now, this.#listedTime));
    }
    this.#listedAt = tick.number;
    this.#listedTime = tick.now;
  }

  #drop(tid: number): void {
    this.#others.get(tid)?.close();
    this.#others.delete(tid);
  }

  /** The threads' nanoseconds where they account for the process's clock ticks, else the ticks, which hold ended threads too. */
  #sum(ticked: number, main: number, elapsed: number): void {
    let usage = this.#main.usage;
    let demand = this.#main.demand;
    for (const thread of this.#others.values()) {
      usage += thread.usage;
      demand += thread.demand;
    }
    const threads = usage * elapsed;
    const trusted = !Number.isNaN(main) && Math.abs(threads - ticked) <= COARSE_SECONDS;
    this.#cpu = trusted || elapsed <= 0 ? usage : Math.max(usage, ticked / elapsed);
    this.#demand = this.#cpu + Math.max(0, demand - usage);
    this.ran = this.#cpu * elapsed;
    this.waitTime += (this.#demand - this.#cpu) * elapsed;
  }

  #readIo(sampling: Sampling, elapsed: number): void {
    const length = this.#io.read(sampling.buffer);
    if (length < 0 || !parseProcessIo(sampling.buffer, length, io)) {
      this.ioError = this.#io.error ?? "EIO";
      this.#diskRead = this.#diskWrite = Number.NaN;
      return;
    }
    this.ioError = undefined;
    const per = elapsed > 0 ? 1 / elapsed : 0;
    this.#diskRead = Number.isNaN(this.bytesRead) ? 0 : Math.max(0, io.read - this.bytesRead) * per;
    this.#diskWrite = Number.isNaN(this.bytesWritten) ? 0 : Math.max(0, io.written - this.bytesWritten) * per;
    this.bytesRead = io.read;
    this.bytesWritten = io.written;
  }

  #backOff(tick: Tick, idle: boolean): void {
    this.#idle = idle ? this.#idle + 1 : 0;
    this.#next = tick.number + (this.#idle >= IDLE_READS ? IDLE_TICKS - (this.identity.pid % 2) : 1);
  }

  /** Without CPU time there is no I/O either: nothing needs to be read. */
  #rest(): void {
    this.ran = 0;
    this.#rated = true;
    if (this.#cpu === 0 && this.#demand === 0 && !(this.#diskRead > 0) && !(this.#diskWrite > 0)) return;
    this.#cpu = this.#demand = 0;
    if (this.#diskRead > 0) this.#diskRead = 0;
    if (this.#diskWrite > 0) this.#diskWrite = 0;
    this.#main.rest();
    for (const thread of this.#others.values()) thread.rest();
    this.#measures = undefined;
  }

  /** Its part of the usage vector. The same object as long as nothing changed. */
  measures(): ProcessMeasures {
    this.#measures ??= this.#measure();
    return this.#measures;
  }

  #measure(): ProcessMeasures {
    const usage: Partial<Record<Metric, number>> = { memory: this.#resident };
    if (this.#rated) usage.cpu = this.#cpu;
    if (this.#rated && !Number.isNaN(this.#diskRead)) usage.disk_read = this.#diskRead;
    if (this.#rated && !Number.isNaN(this.#diskWrite)) usage.disk_write = this.#diskWrite;
    return {
      identity: this.identity,
      executable: this.executable,
      usage,
      demand: this.#rated ? { ...usage, cpu: this.#demand } : usage,
      censored: [],
      threads: this.#others.size === 0 ? [] : [this.#main, ...this.#others.values()].map(threadMeasures),
    };
  }

  close(): void {
    this.#main.close();
    this.#stat.close();
    this.#io.close();
    for (const thread of this.#others.values()) thread.close();
    this.#others.clear();
  }
}

function threadMeasures({ tid, name, usage, demand }: ThreadSampler): ThreadMeasures {
  return { tid, name, usage: { cpu: usage }, demand: { cpu: demand }, censored: [] };
}
