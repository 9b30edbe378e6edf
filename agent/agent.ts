import { hostname, uptime } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { parseListenAddress } from "../model/listen-address.ts";
import { Receiver } from "../model/otlp/receiver.ts";
import { Discovery } from "./discovery/discovery.ts";
import { DiskBuffer } from "./export/disk-buffer.ts";
import { ProcessSelection } from "./export/exported-workload.ts";
import { serveMetrics } from "./export/metrics-server.ts";
import { OtlpEncoder } from "./export/otlp-encoder.ts";
import { OtlpSender } from "./export/otlp-sender.ts";
import { PrometheusPage } from "./export/prometheus-page.ts";
import type { FunctionProfiling } from "./functions/function-profiling.ts";
import { probeHierarchies } from "./kernel/cgroup-hierarchy.ts";
import { readMachine } from "./kernel/machine.ts";
import { hostNetworkNamespace } from "./kernel/network-namespace.ts";
import { readWhole } from "./kernel/read-whole.ts";
import { MissingNotes } from "./missing-notes.ts";
import { CgroupTraffic } from "./native/cgroup-traffic.ts";
import { loadLibc } from "./native/libc.ts";
import { type TaskExit, TaskExits } from "./native/task-exits.ts";
import type { AgentOptions } from "./options.ts";
import type { Sampling, Tick } from "./sample/sampling.ts";
import { sharedNamespaces } from "./sample/shared-namespaces.ts";
import { type WorkloadSample, WorkloadSampler, wholeVector } from "./sample/workload-sampler.ts";

/** Holds 600 pids of a cgroup a page, and any single file that is read. */
const BUFFER_BYTES = 1024 * 1024;
/** What is waited for deliveries when the agent is told to stop. */
const LAST_DELIVERY_SECONDS = 1;

/**
 * The shadow instance manager: measures the workloads of this host each interval and exports usage vectors, until `signal`
 * aborts. It reads the kernel's files and executes nothing of the workloads. What cannot be read is absent from the vectors
 * and named in their `missing`.
 *
 * @throws InputError when an address is not what it should be; ListenError when `/metrics` cannot be served
 */
export async function runAgent(options: AgentOptions, signal: AbortSignal): Promise<void> {
  const agent = new Agent(options);
  await agent.open();
  const { listen = "127.0.0.1:9477" } = options;
  const metrics =
    listen === null
      ? undefined
      : await serveMetrics(parseListenAddress(listen, "the agent's listen address"), () => agent.page());
  try {
    if (metrics !== undefined) options.onListening?.(metrics.port);
    await everyInterval(options.interval ?? 1, signal, (now, interval) => agent.tick(now, interval));
  } finally {
    metrics?.server.close();
    metrics?.server.closeAllConnections();
    await agent.close();
  }
}

class Agent {
  readonly #options: AgentOptions;
  readonly #sampling: Sampling;
  readonly #host: string;
  /** The host's own network namespace. */
  readonly #namespace: string | undefined;
  readonly #workloads: readonly {
    readonly sampler: WorkloadSampler;
    readonly selection: ProcessSelection;
    readonly encoder: OtlpEncoder;
  }[];
  readonly #discovery: Discovery;
  readonly #sender: OtlpSender | undefined;
  readonly #notes: MissingNotes;
  readonly #log: (line: string) => void;
  readonly #page = new PrometheusPage();
  readonly #taskExits: TaskExits | string;
  #functions: FunctionProfiling | undefined;
  #number = 0;
  #discoveredAt = Number.NEGATIVE_INFINITY;
  #tickSeconds = 0;

  constructor(options: AgentOptions) {
    const { procRoot = "/proc", cgroupRoot = "/sys/fs/cgroup", hostRoot = "/" } = options;
    const machine = readMachine();
    this.#options = options;
    this.#host = options.host ?? hostname();
    this.#sampling = {
      procRoot,
      hostRoot,
      countPackets: options.procRoot === undefined ? countPackets : () => "eBPF: not of a copy of /proc",
      machine,
      budget: { limit: machine.descriptors, used: 0 },
      hierarchies: probeHierarchies(cgroupRoot),
      buffer: Buffer.allocUnsafe(BUFFER_BYTES),
      partialReads: 0,
    };
    this.#namespace = hostNetworkNamespace(procRoot);
    this.#taskExits = options.procRoot === undefined ? openTaskExits() : "taskstats: not of a copy of /proc";
    this.#workloads = options.workloads.map((workload) => ({
      sampler: new WorkloadSampler(workload, this.#namespace),
      selection: new ProcessSelection(options.topProcesses ?? 20),
      encoder: new OtlpEncoder(workload.name, this.#host, Date.now() / 1000),
    }));
    this.#discovery = new Discovery(
      this.#sampling,
      this.#workloads.map(({ sampler }) => sampler),
    );
    this.#log = options.log ?? ((line) => process.stderr.write(`foreshadow agent: ${line}\n`));
    this.#notes = new MissingNotes(this.#log);
    this.#sender = createSender(options, this.#log);
  }

  /** Loads what only some agents need. */
  async open(): Promise<void> {
    const { functions } = this.#options;
    if (functions === undefined) return;
    const { FunctionProfiling } = await import("./functions/function-profiling.ts");
    const { procRoot, machine } = this.#sampling;
    this.#functions = new FunctionProfiling(functions, {
      procRoot,
      ticksPerSecond: machine.ticksPerSecond,
      log: this.#log,
    });
  }

  /**
   * @param now seconds of a monotonic clock
   * @param interval seconds since the tick before; undefined at the first, which only lays the base
   */
  tick(now: number, interval: number | undefined): void {
    const at = Date.now() / 1000;
    if (interval === undefined) this.#discover(now);
    const samples = this.#sample({ number: ++this.#number, now, interval: interval ?? 0 }, at);
    if (interval !== undefined) this.#export(samples, now);
    // After the sample, whose moment it would else put off.
    if (now - this.#discoveredAt >= (this.#options.discovery ?? 5) - 0.1) this.#discover(now);
    this.#tickSeconds = performance.now() / 1000 - now;
  }

  #discover(now: number): void {
    this.#discovery.run(uptime());
    this.#discoveredAt = now;
  }

  #sample(tick: Tick, at: number): WorkloadSample[] {
    const namespaces = this.#workloads.map(({ sampler }) => sampler.network.namespaces());
    const shared = sharedNamespaces(namespaces, this.#namespace);
    const moment = { at, host: this.#host, uptime: uptime(), shared, exits: this.#exits() };
    return this.#workloads.map(({ sampler }) => sampler.sample(this.#sampling, tick, moment));
  }

  /** Threads that ended since the tick before; or why they are not told, or not all. */
  #exits(): readonly TaskExit[] | string {
    if (typeof this.#taskExits === "string") return this.#taskExits;
    const exits = this.#taskExits.take();
    return this.#taskExits.takeLost()
      ? "taskstats: the kernel dropped records: more processes ended than can be told"
      : exits;
  }

  #export(samples: readonly WorkloadSample[], now: number): void {
    for (const { vector } of samples) this.#notes.note(vector);
    this.#options.onVectors?.(samples.map(wholeVector));
    const exported = samples.map((sample, i) => {
      const selected = this.#workloads[i].selection.select(sample);
      return this.#functions?.look(selected, now) ?? selected;
    });
    for (const workload of exported) this.#page.update(workload);
    if (this.#sender === undefined) return;
    const bytes = Buffer.concat(exported.map((workload, i) => this.#workloads[i].encoder.encode(workload)));
    this.#sender.send(bytes, exported.length, performance.now() / 1000);
  }

  page(): string {
    return this.#page.render({
      partialReads: this.#sampling.partialReads,
      delivered: this.#sender?.delivered ?? 0,
      dropped: this.#sender?.dropped ?? 0,
      waiting: this.#sender?.waiting ?? 0,
      tickSeconds: this.#tickSeconds,
    });
  }

  async close(): Promise<void> {
    await this.#functions?.close();
    for (const { sampler } of this.#workloads) sampler.close();
    if (typeof this.#taskExits !== "string") this.#taskExits.close();
    if (this.#sender === undefined) return;
    await Promise.race([
      this.#sender.flush(performance.now() / 1000),
      sleep(LAST_DELIVERY_SECONDS * 1000, undefined, { ref: false }),
    ]);
    this.#sender.close();
  }
}

function createSender(options: AgentOptions, log: (line: string) => void): OtlpSender | undefined {
  const { endpoint: url = "http://127.0.0.1:4318", security, buffer = 300, diskBuffer } = options;
  if (url === null) return undefined;
  const receiver = new Receiver({ url, signal: "metrics", ...security });
  const disk = diskBuffer && new DiskBuffer(diskBuffer.directory, diskBuffer.size);
  return new OtlpSender({ receiver, most: buffer, disk, log, random: Math.random });
}

/**
 * Calls `tick` at whole multiples of the interval on the wall clock, so that vectors of different hosts line up, with the
 * seconds that really passed. A tick that is late is not made up for.
 */
async function everyInterval(
  interval: number,
  signal: AbortSignal,
  tick: (now: number, interval: number | undefined) => void,
): Promise<void> {
  let last: number | undefined;
  while (!signal.aborted) {
    const now = performance.now() / 1000;
    // A timer may be early by a millisecond: that is not a second tick of its own.
    if (last === undefined || now - last > interval / 2) {
      // Whole microseconds, as the wire carries them.
      tick(now, last === undefined ? undefined : Math.round((now - last) * 1e6) / 1e6);
      last = now;
    }
    const wall = Date.now() / 1000;
    const delay = interval - (wall % interval);
    await sleep(Math.ceil(delay * 1000), undefined, { signal }).catch(() => undefined);
  }
}

function countPackets(directory: string): CgroupTraffic | string {
  const libc = loadLibc();
  return typeof libc === "string" ? `eBPF: ${libc}` : CgroupTraffic.open(libc, directory);
}

function openTaskExits(): TaskExits | string {
  const libc = loadLibc();
  const cpus = readWhole("/sys/devices/system/cpu/possible")?.trim() || "0";
  return typeof libc === "string" ? `taskstats: ${libc}` : TaskExits.open(libc, cpus);
}
