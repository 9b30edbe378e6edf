import { memoryDemand } from "../../model/demand.ts";
import type { Metric } from "../../model/dimension.ts";
import type { HeldBack } from "../../model/held-back.ts";
import type { ProcessMeasures, UsageVector } from "../../model/vector.ts";
import type { IoCounters } from "../kernel/cgroup-io.ts";
import type { MemoryReading } from "../kernel/cgroup-memory.ts";
import { FileSystemUse } from "../kernel/file-system.ts";
import type { Traffic } from "../native/cgroup-traffic.ts";
import type { TaskExit } from "../native/task-exits.ts";
import type { AgentWorkload } from "../options.ts";
import { censoredMetrics } from "./censored.ts";
import type { CgroupSampler } from "./cgroup-sampler.ts";
import { type CgroupIoReading, diskUsage, type Missing } from "./disk-usage.ts";
import { HeldBackSampler, known } from "./held-back-sampler.ts";
import { NetworkSampler } from "./network-sampler.ts";
import { PacketSampler } from "./packet-sampler.ts";
import type { ProcessSampler } from "./process-sampler.ts";
import { ProcessSet, type ProcessTotals } from "./process-set.ts";
import type { Sampling, Tick } from "./sampling.ts";
import { type Ended, ShortLived, shortLivedMeasures } from "./short-lived.ts";
import { SocketSampler } from "./socket-sampler.ts";

const VOLUME_MAX_AGE_SECONDS = 10;

/** Where the traffic's figures come from; and why they are no better, where they could be. */
interface NetworkSource {
  readonly source: "ebpf" | "namespace" | undefined;
  readonly reason?: string;
}

const NONE_ENDED: Ended = { seconds: new Map(), count: 0 };

/** A moment of the host that all workloads are measured at. */
export interface Moment {
  /** Epoch seconds. */
  readonly at: number;
  readonly host: string;
  /** Seconds since boot. */
  readonly uptime: number;
  /** Network namespaces that more than one workload lives in. */
  readonly shared: ReadonlySet<string>;
  /** Threads of the host that ended since the tick before; or why nobody tells. */
  readonly exits: readonly TaskExit[] | string;
}

/** What one workload did in one tick. */
export interface WorkloadSample {
  /** Without its processes, for which those below stand: few of them are exported one by one. */
  readonly vector: UsageVector;
  readonly processes: readonly ProcessSampler[];
  /** CPU time of processes that came and went between two ticks, by name. */
  readonly shortLived: readonly ProcessMeasures[];
}

/** The vector of a sample with all its processes. */
export function wholeVector({ vector, processes, shortLived }: WorkloadSample): UsageVector {
  const measures = processes.map((process) => process.measures());
  return { ...vector, processes: [...measures, ...shortLived] };
}

/** Measures one workload: its cgroup where it is one, else its processes. */
export class WorkloadSampler {
  readonly workload: AgentWorkload;
  readonly network: NetworkSampler;
  readonly #volume: FileSystemUse | undefined;
  readonly #processes: ProcessSet;
  readonly #heldBack = new HeldBackSampler();
  readonly #sockets = new SocketSampler();
  readonly #shortLived = new ShortLived();
  readonly #packets = new PacketSampler();
  #cgroup: CgroupSampler | undefined;
  #members: readonly number[] = [];
  #cgroupCpu = Number.NaN;
  #cgroupIo: IoCounters | undefined;
  #ticks = 0;

  /** @param hostNamespace the host's own network namespace */
  constructor(workload: AgentWorkload, hostNamespace: string | undefined) {
    this.workload = workload;
    this.network = new NetworkSampler(hostNamespace);
    this.#processes = new ProcessSet(this.network);
    this.#volume = workload.select.volume === undefined ? undefined : new FileSystemUse(workload.select.volume);
  }

  get cgroup(): CgroupSampler | undefined {
    return this.#cgroup;
  }

  /** The workload is all of a cgroup, from now on; undefined when there is no such cgroup at present. */
  useCgroup(cgroup: CgroupSampler | undefined): void {
    if (cgroup === this.#cgroup) return;
    this.#cgroup?.close();
    this.#cgroup = cgroup;
    this.#cgroupCpu = Number.NaN;
    this.#cgroupIo = undefined;
    this.#heldBack.reset();
  }

  /** The workload is these processes, from now on. */
  useProcesses(pids: ReadonlySet<number>): void {
    this.#members = [...pids];
  }

  /** One tick. At the first there are no rates yet. */
  sample(sampling: Sampling, tick: Tick, moment: Moment): WorkloadSample {
    const usage: Partial<Record<Metric, number>> = {};
    const missing: Missing[] = [];
    const pids = this.#pids(sampling);
    const ended = this.#ended(moment, pids ?? []);
    this.#processes.follow(pids ?? [], sampling, tick, moment.uptime);
    const cgroupSeconds = this.#cgroupSeconds(sampling);
    this.#processes.sample(sampling, tick, cgroupSeconds);
    const processes = this.#processes.list;
    const totals = this.#processes.totals();
    const demand: Partial<Record<Metric, number>> = {};
    const warming = this.#warming(processes, sampling, tick, moment);
    let heldBack: HeldBack = {};
    let network: NetworkSource = { source: undefined };
    if (processes.length > 0 || (this.#cgroup !== undefined && pids !== undefined)) {
      if (this.#ticks > 0) usage.cpu = Number.isNaN(cgroupSeconds) ? totals.cpuUsage : cgroupSeconds / tick.interval;
      const memory = this.#cgroup?.memory?.read(sampling.buffer);
      // Without a cgroup: resident memory of the processes, which counts a page once for each that shares it.
      usage.memory = memory?.workingSet ?? totals.resident;
      heldBack = this.#heldBackBy(sampling, memory, totals, tick);
      demand.memory = memoryDemand(usage.memory, (heldBack.memory_returned ?? 0) * tick.interval);
      if (usage.cpu !== undefined) demand.cpu = Math.max(0, usage.cpu + totals.cpuWait - warming.cpu);
      this.#disk(sampling, totals, processes.length, tick, usage, missing);
      if (processes.length > 0) {
        network = this.#traffic(sampling, tick, moment.shared, usage, missing);
        heldBack = { ...heldBack, ...this.#sockets.read(sampling, tick, this.network.representatives) };
      }
    } else missing.push(...nothingFound());
    this.#storage(tick, usage, missing);
    const unexplained = cgroupSeconds / tick.interval - totals.cpuUsage;
    const shortLived = this.#ticks > 0 ? shortLivedMeasures(ended, unexplained, processes.length, tick.interval) : [];
    this.#ticks++;
    const { name, limits } = this.workload;
    return {
      processes,
      shortLived,
      vector: {
        workload: name,
        host: moment.host,
        at: moment.at,
        interval: tick.interval,
        replicas: this.#cgroup?.processes.occupiedChildren || totals.main,
        usage,
        demand: { ...usage, ...demand },
        censored: censoredMetrics(usage, this.#cgroup?.limits, limits, totals.waitKnown),
        ...(Object.keys(heldBack).length === 0 ? {} : { heldBack }),
        ...(ended.count > 0 ? { ended: ended.count } : {}),
        ...this.#sources(moment, network),
        ...(warming.replicas + warming.cpu > 0 ? { warming } : {}),
        missing,
        processes: [],
      },
    };
  }

  /** What processes in warm-up ask for: a starting replica would otherwise call for yet another one. */
  #warming(
    processes: readonly ProcessSampler[],
    { machine }: Sampling,
    { interval }: Tick,
    { uptime }: Moment,
  ): { readonly replicas: number; readonly cpu: number } {
    const { warmUp } = this.workload.select;
    const sum = { replicas: 0, cpu: 0 };
    if (warmUp === undefined) return sum;
    // The interval that ends now began when the process was younger.
    const warming = (startTime: number) => uptime - interval - startTime / machine.ticksPerSecond < warmUp;
    const pids = new Set(processes.map(({ identity }) => identity.pid));
    for (const { identity, parent, cpuDemand } of processes) {
      if (!warming(identity.startTime)) continue;
      sum.cpu += cpuDemand;
      if (!pids.has(parent)) sum.replicas++;
    }
    return sum;
  }

  /** Undefined when the cgroup is no more. */
  #pids(sampling: Sampling): readonly number[] | undefined {
    if (this.#cgroup === undefined) return this.#members;
    const pids = this.#cgroup.processes.read(sampling.buffer);
    sampling.partialReads += this.#cgroup.processes.unreadable;
    return pids;
  }

  /** CPU seconds of the cgroup since the tick before; `NaN` where there is none to ask, or no tick before. */
  #cgroupSeconds(sampling: Sampling): number {
    const now = this.#cgroup?.cpu?.read(sampling.buffer) ?? Number.NaN;
    const seconds = now - this.#cgroupCpu;
    this.#cgroupCpu = now;
    return seconds >= 0 ? seconds : Number.NaN;
  }

  #heldBackBy(
    sampling: Sampling,
    memory: MemoryReading | undefined,
    { cpuWait, waitKnown }: ProcessTotals,
    tick: Tick,
  ): HeldBack {
    const cgroup = this.#cgroup === undefined ? {} : this.#heldBack.read(sampling, this.#cgroup, memory, tick);
    return known({ ...cgroup, cpu_wait: this.#ticks > 0 && waitKnown ? cpuWait : Number.NaN });
  }

  #disk(
    sampling: Sampling,
    totals: ProcessTotals,
    count: number,
    tick: Tick,
    usage: Partial<Record<Metric, number>>,
    missing: Missing[],
  ): void {
    const io = this.#cgroup?.io;
    const now = io?.read(sampling.buffer);
    const reading: CgroupIoReading | undefined =
      io === undefined || now === undefined ? undefined : { version: io.version, now, before: this.#cgroupIo };
    this.#cgroupIo = now;
    const disk = diskUsage(reading, this.#ticks > 0 ? totals : undefined, count, tick.interval);
    Object.assign(usage, disk.usage);
    missing.push(...disk.missing);
  }

  #traffic(
    sampling: Sampling,
    tick: Tick,
    shared: ReadonlySet<string>,
    usage: Partial<Record<Metric, number>>,
    missing: Missing[],
  ): NetworkSource {
    const inNamespaces = this.network.read(sampling, tick, shared);
    const counted = this.#packets.read(sampling, this.#cgroup?.unified);
    const use = ({ received, transmitted }: Traffic) => {
      usage.network_receive = received / tick.interval;
      usage.network_transmit = transmitted / tick.interval;
    };
    if (counted === "first") return { source: "ebpf" };
    if (!("reason" in counted)) {
      use(counted);
      return { source: "ebpf" };
    }
    if ("missing" in inNamespaces) {
      const reason = inNamespaces.missing;
      missing.push({ metric: "network_receive", reason }, { metric: "network_transmit", reason });
    } else if (!inNamespaces.first) use(inNamespaces);
    return { source: "missing" in inNamespaces ? undefined : "namespace", reason: counted.reason };
  }

  #storage(tick: Tick, usage: Partial<Record<Metric, number>>, missing: Missing[]): void {
    if (this.#volume === undefined) return;
    const used = this.#volume.read(tick.now, VOLUME_MAX_AGE_SECONDS);
    if (!Number.isNaN(used)) usage.disk_used = used;
    else if (this.#volume.error !== undefined)
      missing.push({ metric: "disk_used", reason: `statfs of ${this.workload.select.volume}: ${this.#volume.error}` });
  }

  /** Before the processes that are no more are forgotten. */
  #ended({ exits }: Moment, pids: readonly number[]): Ended {
    if (typeof exits === "string" || exits.length === 0) return NONE_ENDED;
    const present = new Set(pids);
    return this.#shortLived.claim(exits, (pid) => present.has(pid) || this.#processes.has(pid));
  }

  #sources({ exits }: Moment, network: NetworkSource): Pick<UsageVector, "sources" | "degraded"> {
    const told = typeof exits !== "string";
    const shortLived = told ? "taskstats" : this.#cgroup?.cpu === undefined ? undefined : "residual";
    const sources = {
      ...(network.source !== undefined && { network: network.source }),
      ...(shortLived !== undefined && { short_lived: shortLived }),
    };
    const degraded = [
      ...(network.reason === undefined ? [] : [{ part: "network" as const, reason: network.reason }]),
      ...(told ? [] : [{ part: "short_lived" as const, reason: exits }]),
    ];
    return {
      ...(Object.keys(sources).length > 0 && { sources }),
      ...(degraded.length > 0 && { degraded }),
    };
  }

  close(): void {
    this.#processes.close();
    this.#packets.close();
    this.#cgroup?.close();
    this.#cgroup = undefined;
  }
}

function nothingFound(): Missing[] {
  const metrics: Metric[] = ["cpu", "memory", "disk_read", "disk_write", "network_receive", "network_transmit"];
  return metrics.map((metric) => ({ metric, reason: "no process matches the selector" }));
}
