import type { NetworkSampler } from "./network-sampler.ts";
import { ProcessSampler } from "./process-sampler.ts";
import type { Sampling, Tick } from "./sampling.ts";

/** Sums over the processes of a workload in one tick. */
export interface ProcessTotals {
  /** Cores. */
  readonly cpuUsage: number;
  /** Cores asked for beyond the usage. */
  readonly cpuWait: number;
  /** Bytes; a page counts in each process that shares it. */
  readonly resident: number;
  /** Bytes per second, of the processes whose I/O may be read. */
  readonly diskRead: number;
  readonly diskWrite: number;
  /** Processes whose I/O may not be read, and the error of one of them. */
  readonly ioHidden: number;
  readonly ioError: string | undefined;
  /** Whether the kernel told each one's wait. */
  readonly waitKnown: boolean;
  /** Processes whose parent is none of the workload's. */
  readonly main: number;
}

/** CPU seconds that a tick's samples may leave unexplained before idle processes are looked at. */
const UNEXPLAINED_SECONDS = 0.02;

/** The samplers of a workload's processes. */
export class ProcessSet {
  readonly #samplers = new Map<number, ProcessSampler>();
  readonly #network: NetworkSampler;
  #list: readonly ProcessSampler[] | undefined;
  #wanted: readonly number[] = [];

  /** @param network is told who joins and leaves */
  constructor(network: NetworkSampler) {
    this.#network = network;
  }

  get list(): readonly ProcessSampler[] {
    this.#list ??= [...this.#samplers.values()];
    return this.#list;
  }

  has(pid: number): boolean {
    return this.#samplers.has(pid);
  }

  /** Opens what joined and closes what left. */
  follow(pids: readonly number[], sampling: Sampling, tick: Tick, uptime: number): void {
    if (this.#samplers.size === pids.length && same(this.#wanted, pids)) return;
    const present = new Set(pids);
    for (const pid of this.#samplers.keys()) if (!present.has(pid)) this.#remove(pid);
    for (const pid of present) if (!this.#samplers.has(pid)) this.#add(sampling, pid, tick, uptime);
    this.#wanted = pids;
  }

  #add(sampling: Sampling, pid: number, tick: Tick, uptime: number): void {
    const sampler = ProcessSampler.open(sampling, pid, tick, uptime);
    if (sampler === undefined) return;
    this.#samplers.set(pid, sampler);
    this.#network.join(sampling, pid, tick);
    this.#list = undefined;
  }

  #remove(pid: number): void {
    this.#samplers.get(pid)?.close();
    this.#samplers.delete(pid);
    this.#network.leave(pid);
    this.#list = undefined;
  }

  /**
   * Samples each process that is due, and idle ones too when the cgroup used more than those explain.
   *
   * @param total CPU seconds that all of them used since the tick before; `NaN` when nobody says
   */
  sample(sampling: Sampling, tick: Tick, total: number): void {
    const covered = !Number.isNaN(total);
    let explained = 0;
    let passed = 0;
    for (const sampler of this.list) {
      if (sampler.resting(tick)) passed++;
      if (sampler.sample(sampling, tick, false, covered)) explained += sampler.ran;
      else this.#remove(sampler.identity.pid);
    }
    if (passed === 0 || !(total - explained > UNEXPLAINED_SECONDS * Math.max(1, tick.interval))) return;
    for (const sampler of this.list)
      if (sampler.resting(tick) && !sampler.sample(sampling, tick, true, covered)) this.#remove(sampler.identity.pid);
  }

  totals(): ProcessTotals {
    let [cpuUsage, cpuWait, resident, diskRead, diskWrite, ioHidden, main] = [0, 0, 0, 0, 0, 0, 0];
    let ioError: string | undefined;
    let waitKnown = true;
    for (const sampler of this.list) {
      cpuUsage += sampler.cpuUsage;
      cpuWait += sampler.cpuDemand - sampler.cpuUsage;
      resident += sampler.resident;
      if (sampler.diskRead > 0) diskRead += sampler.diskRead;
      if (sampler.diskWrite > 0) diskWrite += sampler.diskWrite;
      if (sampler.ioError !== undefined) {
        ioHidden++;
        ioError = sampler.ioError;
      }
      if (!sampler.waitKnown) waitKnown = false;
      if (!this.#samplers.has(sampler.parent)) main++;
    }
    return { cpuUsage, cpuWait, resident, diskRead, diskWrite, ioHidden, ioError, waitKnown, main };
  }

  close(): void {
    for (const pid of [...this.#samplers.keys()]) this.#remove(pid);
  }
}

function same(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
