import type { Metric } from "../../model/dimension.ts";
import type { ProcessIdentity, ProcessMeasures, ThreadMeasures } from "../../model/vector.ts";
import { executableName, executablePath } from "../kernel/executable.ts";
import { isGone, KernelFile } from "../kernel/kernel-file.ts";
import { type ProcessIo, parseProcessIo } from "../kernel/process-io.ts";
import { type ProcessStat, parseProcessStat, statName } from "../kernel/process-stat.ts";
import { IDLE_READS, IDLE_TICKS, type Sampling, type Tick } from "./sampling.ts";
import { ThreadGroup } from "./thread-group.ts";
import { ThreadSampler } from "./thread-sampler.ts";

/** Of an idle process only the scheduler's figure is read; memory, parent and program are looked at this often at least. */
const REFRESH_TICKS = 30;
/** Of one that runs less than this each tick memory and parent are looked at every few: `stat` is the dearest file. */
const LITTLE_SECONDS = 0.001;
const LITTLE_TICKS = 5;
/** The process's clock ticks are this coarse; threads' nanoseconds that agree within it are preferred. */
const COARSE_SECONDS = 0.03;
/** A process that was just forked is about to be another program: so long it is looked at each time. */
const YOUNG_SECONDS = 10;

const stat: ProcessStat = { parent: 0, userTime: 0, systemTime: 0, threads: 0, startTime: 0, resident: 0 };
const io: ProcessIo = { read: 0, written: 0 };

/** One process: kept descriptors, counters, and the rates since the read before. */
export class ProcessSampler {
  /** The same object until the process executes another program. */
  identity: ProcessIdentity;
  executable: string;
  parent: number;
  /** Cumulative, of the process's whole life: seconds and bytes. `NaN` where not readable. */
  userTime = 0;
  systemTime = 0;
  bytesRead = Number.NaN;
  bytesWritten = Number.NaN;
  /** Cumulative since the agent knows the process: seconds waited for a CPU. */
  waitTime = 0;
  /** Cores, used and asked for. */
  cpuUsage = 0;
  cpuDemand = 0;
  /** Bytes per second; `NaN` when they may not be read. */
  diskRead = Number.NaN;
  diskWrite = Number.NaN;
  /** Resident bytes. Pages shared between processes count in each. */
  resident: number;
  /** Code of the error that hides its disk I/O, `EACCES`. */
  ioError: string | undefined;
  /** Whether the kernel tells how long its threads waited for a CPU. Without that, demand is at least the usage. */
  waitKnown = true;
  /** Seconds on a CPU since the read before. */
  ran = 0;
  /** Whether the last sample found anything new. */
  changed = true;
  readonly #main: ThreadSampler;
  readonly #others: ThreadGroup;
  readonly #stat: KernelFile;
  readonly #io: KernelFile;
  #threadCount: number;
  #statRead: number;
  #checkedAt: number;
  /** Since when it may have used the disk without having been asked. */
  #ioSince: number | undefined;
  #youngUntil: number;
  #idle = 0;
  #next = 0;
  /** Tick at which memory and parent are looked at, whatever the process does. */
  #refresh = 0;
  /** Tick from which on the program is looked at. */
  #renameAt: number;
  #measures: ProcessMeasures | undefined;
  /** False until there are two reads to take a rate from. */
  #rated = false;

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
    const age = uptime - stat.startTime / machine.ticksPerSecond;
    const before = age >= 0 && age <= tick.interval ? tick.now - tick.interval : undefined;
    this.identity = { pid, startTime: stat.startTime };
    this.parent = stat.parent;
    this.resident = stat.resident * machine.pageSize;
    this.userTime = stat.userTime / machine.ticksPerSecond;
    this.systemTime = stat.systemTime / machine.ticksPerSecond;
    this.executable = executableName(executablePath(procRoot, pid), name);
    this.#stat = statFile;
    this.#io = new KernelFile(`${procRoot}/${pid}/io`, budget);
    this.#main = new ThreadSampler(sampling, pid, pid, name, tick.now, before);
    this.#others = new ThreadGroup(pid, before);
    this.#threadCount = stat.threads;
    this.#statRead = before === undefined ? this.userTime + this.systemTime : 0;
    this.#checkedAt = before ?? tick.now;
    this.#renameAt = tick.number + REFRESH_TICKS;
    this.#youngUntil = tick.now + YOUNG_SECONDS - Math.max(0, age);
    if (before !== undefined) this.bytesRead = this.bytesWritten = 0;
  }

  /** Whether this tick would pass the process over, since it was idle for some reads. */
  resting(tick: Tick): boolean {
    return tick.number < this.#next;
  }

  /**
   * Reads what is due.
   *
   * @param wake reads it although it was idle
   * @param covered its cgroup would have shown it if it had run in ticks at which it was passed over
   * @returns false when the process is no more, or the pid is another process's now
   */
  sample(sampling: Sampling, tick: Tick, wake: boolean, covered: boolean): boolean {
    if (!wake && this.resting(tick)) {
      this.#rest();
      return true;
    }
    if (covered) {
      this.#checkedAt = Math.max(this.#checkedAt, tick.now - tick.interval);
      this.#main.idleUntil(this.#checkedAt);
    }
    const elapsed = tick.now - this.#checkedAt;
    // Without a figure of the scheduler's, be the process gone or the kernel built without it, `stat` tells which.
    const main = this.#main.read(sampling, tick) ?? Number.NaN;
    this.waitKnown = !Number.isNaN(main);
    const settled = tick.number < this.#refresh && this.#threadCount === 1 && tick.now > this.#youngUntil;
    if (settled && main === 0 && this.#main.demand === 0) {
      this.#rest();
      this.#backOff(tick, true);
    } else if (settled && main < LITTLE_SECONDS) this.#runLittle(sampling, tick, main, elapsed);
    else if (!this.#readStat(sampling, tick, main, elapsed, wake)) return false;
    this.#checkedAt = tick.now;
    return true;
  }

  #runLittle(sampling: Sampling, tick: Tick, main: number, elapsed: number): void {
    this.#refresh = Math.min(this.#refresh, tick.number + LITTLE_TICKS);
    this.#sum(main, main, elapsed);
    // One that used no disk when it was asked, or may not be asked, is asked again together with `stat`.
    const still = (this.diskRead === 0 && this.diskWrite === 0) || this.ioError !== undefined;
    if (still) this.#ioSince ??= this.#checkedAt;
    else this.#readIo(sampling, tick.now);
    this.#change();
    this.#backOff(tick, false);
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
    this.resident = stat.resident * pageSize;
    this.#threadCount = stat.threads;
    if (tick.number >= this.#renameAt || tick.now <= this.#youngUntil) {
      this.#name(sampling, statName(sampling.buffer, length));
      this.#renameAt = tick.number + REFRESH_TICKS;
    }
    this.#refresh = tick.number + REFRESH_TICKS;
    const total = this.userTime + this.systemTime;
    const ticked = Math.max(0, total - this.#statRead);
    this.#statRead = total;
    if (this.#threadCount > 1 || this.#others.size > 0)
      this.#others.read(sampling, tick, this.#threadCount - 1, ticked - main, elapsed, wake);
    this.#sum(ticked, main, elapsed);
    this.#readIo(sampling, tick.now);
    this.#change();
    this.#backOff(tick, this.ran === 0 && ticked === 0);
    return true;
  }

  #name(sampling: Sampling, name: string): void {
    const executable = executableName(executablePath(sampling.procRoot, this.identity.pid), name);
    if (executable === this.executable) return;
    this.executable = executable;
    this.#main.name = name;
    this.identity = { ...this.identity };
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
    this.cpuUsage = trusted || elapsed <= 0 ? usage : Math.max(usage, ticked / elapsed);
    this.cpuDemand = this.cpuUsage + Math.max(0, demand - usage);
    this.ran = this.cpuUsage * elapsed;
    this.waitTime += (this.cpuDemand - this.cpuUsage) * elapsed;
    this.#rated = elapsed > 0;
  }

  #readIo(sampling: Sampling, now: number): void {
    const elapsed = now - (this.#ioSince ?? this.#checkedAt);
    this.#ioSince = undefined;
    const length = this.#io.read(sampling.buffer);
    if (length < 0 || !parseProcessIo(sampling.buffer, length, io)) {
      // One that ended a moment ago hides nothing.
      this.ioError = isGone(this.#io.error) ? undefined : (this.#io.error ?? "EIO");
      this.diskRead = this.diskWrite = Number.NaN;
      return;
    }
    this.ioError = undefined;
    const per = elapsed > 0 ? 1 / elapsed : 0;
    this.diskRead = Number.isNaN(this.bytesRead) ? 0 : Math.max(0, io.read - this.bytesRead) * per;
    this.diskWrite = Number.isNaN(this.bytesWritten) ? 0 : Math.max(0, io.written - this.bytesWritten) * per;
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
    this.changed = false;
    if (this.cpuDemand === 0 && this.#rated && !(this.diskRead > 0) && !(this.diskWrite > 0)) return;
    this.cpuUsage = this.cpuDemand = 0;
    if (this.diskRead > 0) this.diskRead = 0;
    if (this.diskWrite > 0) this.diskWrite = 0;
    this.#rated = true;
    this.#main.rest();
    this.#others.rest();
    this.#change();
  }

  #change(): void {
    this.changed = true;
    this.#measures = undefined;
  }

  /** Its part of the usage vector. The same object as long as nothing changed. */
  measures(): ProcessMeasures {
    this.#measures ??= this.#measure();
    return this.#measures;
  }

  #measure(): ProcessMeasures {
    const usage: Partial<Record<Metric, number>> = { memory: this.resident };
    if (this.#rated) usage.cpu = this.cpuUsage;
    if (this.#rated && !Number.isNaN(this.diskRead)) usage.disk_read = this.diskRead;
    if (this.#rated && !Number.isNaN(this.diskWrite)) usage.disk_write = this.diskWrite;
    return {
      identity: this.identity,
      executable: this.executable,
      usage,
      demand: this.#rated ? { ...usage, cpu: this.cpuDemand } : usage,
      censored: [],
      threads: this.#others.size === 0 ? [] : [this.#main, ...this.#others.values()].map(threadMeasures),
    };
  }

  close(): void {
    this.#main.close();
    this.#others.close();
    this.#stat.close();
    this.#io.close();
  }
}

function threadMeasures({ tid, name, usage, demand }: ThreadSampler): ThreadMeasures {
  return { tid, name, usage: { cpu: usage }, demand: { cpu: demand }, censored: [] };
}
