import type { Metric } from "../../model/dimension.ts";
import type { ProcessMeasures, UsageVector } from "../../model/vector.ts";
import type { IoCounters } from "../kernel/cgroup-io.ts";
import { FileSystemUse } from "../kernel/file-system.ts";
import type { AgentWorkload } from "../options.ts";
import { censoredMetrics } from "./censored.ts";
import type { CgroupSampler } from "./cgroup-sampler.ts";
import { NetworkSampler } from "./network-sampler.ts";
import { ProcessSampler } from "./process-sampler.ts";
import type { Sampling, Tick } from "./sampling.ts";

/** CPU seconds of a cgroup that its sampled processes may leave unexplained before idle ones are looked at. */
const UNEXPLAINED_SECONDS = 0.02;
/** Cores of the cgroup that no process accounts for, below which they are the clock's coarseness. */
const SHORT_LIVED_CORES = 0.02;
const VOLUME_MAX_AGE = 10;

/** What one workload did in one tick. */
export interface WorkloadSample {
  readonly vector: UsageVector;
  /** Samplers of `vector.processes`, in the same order, for their counters; what is left of that list has none. */
  readonly processes: readonly ProcessSampler[];
}

/** Measures one workload: its cgroup where it is one, else its processes. */
export class WorkloadSampler {
  readonly workload: AgentWorkload;
  readonly network: NetworkSampler;
  readonly #volume: FileSystemUse | undefined;
  readonly #processes = new Map<number, ProcessSampler>();
  #cgroup: CgroupSampler | undefined;
  #members: ReadonlySet<number> = new Set();
  #cgroupCpu = Number.NaN;
  #cgroupIo: IoCounters | undefined;
  #ticks = 0;

  constructor(workload: AgentWorkload, hostNamespace: string | undefined) {
    this.workload = workload;
    this.network = new NetworkSampler(hostNamespace);
    this.#volume = workload.select.volume === undefined ? undefined : new FileSystemUse(workload.select.volume);
  }

  get cgroup(): CgroupSampler | undefined {
    return this.#cgroup;
  }

  get processCount(): number {
    return this.#processes.size;
  }

  /** The workload is all of a cgroup, from now on; undefined when there is no such cgroup at present. */
  useCgroup(cgroup: CgroupSampler | undefined): void {
    if (cgroup === this.#cgroup) return;
    this.#cgroup?.close();
    this.#cgroup = cgroup;
    this.#cgroupCpu = Number.NaN;
    this.#cgroupIo = undefined;
  }

  /** The workload is these processes, from now on. */
  useProcesses(pids: ReadonlySet<number>): void {
    this.#members = pids;
  }

  /**
   * One tick.
   *
   * @param at epoch seconds
   * @param uptime seconds since boot
   * @param shared network namespaces that other workloads live in too
   */
  sample(
    sampling: Sampling,
    tick: Tick,
    at: number,
    host: string,
    uptime: number,
    shared: ReadonlySet<string>,
  ): WorkloadSample {
    const usage: Partial<Record<Metric, number>> = {};
    const demand: Partial<Record<Metric, number>> = {};
    const missing: { metric: Metric; reason: string }[] = [];
    this.#follow(sampling, tick, uptime);
    const total = this.#readCpu(sampling, tick);
    const samplers = [...this.#processes.values()];
    const found = samplers.length > 0 || this.#cgroup !== undefined;
    if (!found) {
      const reason = "no process matches the selector";
      for (const metric of ["cpu", "memory", "disk_read", "disk_write"] as const) missing.push({ metric, reason });
    } else {
      this.#cpu(samplers, total, tick, usage, demand);
      this.#memory(sampling, samplers, usage);
      this.#disk(sampling, samplers, tick, usage, missing);
      this.#traffic(sampling, tick, shared, usage, missing);
    }
    this.#storage(tick, usage, missing);
    for (const metric of Object.keys(usage) as Metric[]) demand[metric] ??= usage[metric];
    const processes: ProcessMeasures[] = samplers.map((sampler) => sampler.measures());
    const shortLived = this.#shortLived(samplers, total, tick);
    if (shortLived !== undefined) processes.push(shortLived);
    this.#ticks++;
    return {
      processes: samplers,
      vector: {
        workload: this.workload.name,
        host,
        at,
        interval: tick.interval,
        replicas: this.#replicas(samplers),
        usage,
        demand,
        censored: censoredMetrics(
          usage,
          this.#cgroup?.limits,
          this.workload.limits,
          samplers.every((sampler) => sampler.waitKnown),
        ),
        missing,
        processes,
      },
    };
  }

  /** Opens what joined and closes what left. */
  #follow(sampling: Sampling, tick: Tick, uptime: number): void {
    let members: Iterable<number> = this.#members;
    if (this.#cgroup !== undefined) {
      members = this.#cgroup.processes.read(sampling.buffer) ?? [];
      sampling.partialReads += this.#cgroup.processes.unreadable;
    }
    const present = new Set(members);
    for (const pid of this.#processes.keys()) if (!present.has(pid)) this.#remove(pid);
    for (const pid of present) if (!this.#processes.has(pid)) this.#add(sampling, pid, tick, uptime);
  }

  #add(sampling: Sampling, pid: number, tick: Tick, uptime: number): void {
    const sampler = ProcessSampler.open(sampling, pid, tick, uptime);
    if (sampler === undefined) return;
    this.#processes.set(pid, sampler);
    this.network.join(sampling, pid);
  }

  #remove(pid: number): void {
    this.#processes.get(pid)?.close();
    this.#processes.delete(pid);
    this.network.leave(pid);
  }

  /** Samples all processes. Returns the CPU seconds of the cgroup in this tick, `NaN` where there is none to ask. */
  #readCpu(sampling: Sampling, tick: Tick): number {
    const now = this.#cgroup?.cpu?.read(sampling.buffer) ?? Number.NaN;
    const total = now - this.#cgroupCpu;
    this.#cgroupCpu = now;
    let explained = 0;
    const resting: ProcessSampler[] = [];
    for (const [pid, sampler] of this.#processes) {
      if (sampler.resting(tick)) resting.push(sampler);
      if (sampler.sample(sampling, tick, false)) explained += sampler.ran;
      else this.#remove(pid);
    }
    if (total - explained > UNEXPLAINED_SECONDS * Math.max(1, tick.interval))
      for (const sampler of resting) if (!sampler.sample(sampling, tick, true)) this.#remove(sampler.identity.pid);
    return total >= 0 ? total : Number.NaN;
  }

  #cpu(
    samplers: readonly ProcessSampler[],
    total: number,
    tick: Tick,
    usage: Partial<Record<Metric, number>>,
    demand: Partial<Record<Metric, number>>,
  ): void {
    if (this.#ticks === 0) return;
    let used = 0;
    let held = 0;
    for (const sampler of samplers) {
      used += sampler.cpuUsage;
      held += sampler.cpuDemand - sampler.cpuUsage;
    }
    usage.cpu = Number.isNaN(total) ? used : total / tick.interval;
    demand.cpu = usage.cpu + held;
  }

  /** Working set of the cgroup; else resident memory of the processes, which counts a page once for each that shares it. */
  #memory(sampling: Sampling, samplers: readonly ProcessSampler[], usage: Partial<Record<Metric, number>>): void {
    const workingSet = this.#cgroup?.memory?.read(sampling.buffer) ?? Number.NaN;
    usage.memory = Number.isNaN(workingSet) ? samplers.reduce((sum, sampler) => sum + sampler.resident, 0) : workingSet;
  }

  /**
   * Version 2 of cgroups charges every write to whom it belongs, so its figures come first. Version 1 charges buffered
   * writes to the root: there the processes' own figures are the truth, which count a write when its page is dirtied.
   */
  #disk(
    sampling: Sampling,
    samplers: readonly ProcessSampler[],
    tick: Tick,
    usage: Partial<Record<Metric, number>>,
    missing: { metric: Metric; reason: string }[],
  ): void {
    const io = this.#cgroup?.io;
    const now = io?.read(sampling.buffer);
    const before = this.#cgroupIo;
    this.#cgroupIo = now;
    if (now === undefined) {
      const reason = "operations are counted by a cgroup's block I/O accounting, which this workload has not";
      missing.push({ metric: "disk_read_operations", reason }, { metric: "disk_write_operations", reason });
    } else if (io?.version === 1) {
      const reason = "version 1 of cgroups charges buffered writes to the root cgroup";
      missing.push({ metric: "disk_write_operations", reason });
    }
    if (now !== undefined && before !== undefined) {
      usage.disk_read_operations = Math.max(0, now.reads - before.reads) / tick.interval;
      if (io?.version === 2) {
        usage.disk_write_operations = Math.max(0, now.writes - before.writes) / tick.interval;
        usage.disk_read = Math.max(0, now.read - before.read) / tick.interval;
        usage.disk_write = Math.max(0, now.written - before.written) / tick.interval;
      }
    }
    if (now === undefined || io?.version === 1) this.#processDisk(samplers, usage, missing);
  }

  #processDisk(
    samplers: readonly ProcessSampler[],
    usage: Partial<Record<Metric, number>>,
    missing: { metric: Metric; reason: string }[],
  ): void {
    const hidden = samplers.filter((sampler) => sampler.ioError !== undefined);
    if (hidden.length > 0) {
      const reason = `/proc/PID/io of ${hidden.length} of ${samplers.length} processes: ${hidden[0].ioError}; needs root or CAP_SYS_PTRACE`;
      missing.push({ metric: "disk_read", reason }, { metric: "disk_write", reason });
      return;
    }
    if (this.#ticks === 0) return;
    usage.disk_read = usage.disk_write = 0;
    for (const { diskRead, diskWrite } of samplers) {
      if (diskRead > 0) usage.disk_read += diskRead;
      if (diskWrite > 0) usage.disk_write += diskWrite;
    }
  }

  #traffic(
    sampling: Sampling,
    tick: Tick,
    shared: ReadonlySet<string>,
    usage: Partial<Record<Metric, number>>,
    missing: { metric: Metric; reason: string }[],
  ): void {
    if (this.#processes.size === 0) return;
    const traffic = this.network.read(sampling, shared);
    if ("missing" in traffic) {
      const reason = traffic.missing;
      missing.push({ metric: "network_receive", reason }, { metric: "network_transmit", reason });
    } else if (!traffic.first) {
      usage.network_receive = traffic.received / tick.interval;
      usage.network_transmit = traffic.transmitted / tick.interval;
    }
  }

  #storage(tick: Tick, usage: Partial<Record<Metric, number>>, missing: { metric: Metric; reason: string }[]): void {
    if (this.#volume === undefined) return;
    const used = this.#volume.read(tick.now, VOLUME_MAX_AGE);
    if (!Number.isNaN(used)) usage.disk_used = used;
    else if (this.#volume.error !== undefined)
      missing.push({ metric: "disk_used", reason: `statfs of ${this.workload.select.volume}: ${this.#volume.error}` });
  }

  /** Cgroups directly below the workload's that hold processes; else processes whose parent is none of the workload's. */
  #replicas(samplers: readonly ProcessSampler[]): number {
    if (this.#cgroup !== undefined && this.#cgroup.processes.occupiedChildren > 0)
      return this.#cgroup.processes.occupiedChildren;
    return samplers.filter((sampler) => !this.#processes.has(sampler.parent)).length;
  }

  /** CPU time of the cgroup whose processes came and went between two ticks, shown as a process of its own. */
  #shortLived(samplers: readonly ProcessSampler[], total: number, tick: Tick): ProcessMeasures | undefined {
    if (Number.isNaN(total) || this.#ticks === 0) return undefined;
    const cores = total / tick.interval - samplers.reduce((sum, sampler) => sum + sampler.cpuUsage, 0);
    if (cores < SHORT_LIVED_CORES + samplers.length * 1e-4) return undefined;
    const cpu = { cpu: cores };
    return {
      identity: { pid: 0, startTime: 0 },
      executable: "short-lived",
      usage: cpu,
      demand: cpu,
      censored: [],
      threads: [],
    };
  }

  close(): void {
    for (const pid of [...this.#processes.keys()]) this.#remove(pid);
    this.#cgroup?.close();
    this.#cgroup = undefined;
  }
}
