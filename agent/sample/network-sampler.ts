import { type InterfaceCounters, parseNetDev } from "../kernel/net-dev.ts";
import { networkNamespace } from "../kernel/network-namespace.ts";
import { readWhole } from "../kernel/read-whole.ts";
import type { Sampling, Tick } from "./sampling.ts";

/** Bytes since the read before, over all of the workload's own network namespaces; or why they cannot be told. */
export type NetworkReading =
  | { readonly received: number; readonly transmitted: number; readonly first: boolean }
  | { readonly missing: string };

interface Member {
  readonly joined: number;
  namespace: string | undefined;
}

/** Ticks that a process is looked at again: it may have been seen between its start and its way into its namespace. */
const SETTLE_TICKS = 5;
const LOOK_AGAIN_TICKS = 60;

/**
 * Network traffic of a workload: the interfaces of the network namespaces its processes live in, each namespace once. In the
 * host's own namespace nobody can tell whose traffic it is.
 */
export class NetworkSampler {
  readonly #host: string | undefined;
  readonly #members = new Map<number, Member>();
  #inhabited: ReadonlySet<string> | undefined;
  readonly #counters = new Map<string, Map<string, InterfaceCounters>>();
  readonly #representatives = new Map<string, number>();

  /** @param host the host's own namespace; undefined when it may not be read */
  constructor(host: string | undefined) {
    this.#host = host;
  }

  join(sampling: Sampling, pid: number, tick: Tick): void {
    this.#inhabited = undefined;
    this.#members.set(pid, { joined: tick.number, namespace: networkNamespace(sampling.procRoot, pid) });
  }

  leave(pid: number): void {
    this.#inhabited = undefined;
    this.#members.delete(pid);
  }

  /** Where its processes live; for telling that two workloads share a namespace. */
  namespaces(): ReadonlySet<string> {
    if (this.#inhabited === undefined) {
      const all = new Set<string>();
      for (const { namespace } of this.#members.values()) if (namespace !== undefined) all.add(namespace);
      this.#inhabited = all;
    }
    return this.#inhabited;
  }

  /** A process of each namespace that is the workload's alone, as of the last read. */
  get representatives(): ReadonlyMap<string, number> {
    return this.#representatives;
  }

  /** @param shared namespaces that other workloads live in too */
  read(sampling: Sampling, tick: Tick, shared: ReadonlySet<string>): NetworkReading {
    this.#representatives.clear();
    const members = new Map<string, number[]>();
    let settling = false;
    for (const [pid, member] of this.#members) {
      const age = tick.number - member.joined;
      if ((age > 0 && age <= SETTLE_TICKS) || (tick.number + pid) % LOOK_AGAIN_TICKS === 0)
        this.#look(sampling, pid, member);
      const { namespace } = member;
      if (namespace === undefined || this.#host === undefined)
        return { missing: "the network namespaces may not be read; needs root or CAP_SYS_PTRACE" };
      if (namespace === this.#host) {
        if (age > SETTLE_TICKS || this.#counters.size === 0) return { missing: "shares the host's network namespace" };
        settling = true;
        continue;
      }
      if (shared.has(namespace)) return { missing: "shares its network namespace with another workload" };
      const pids = members.get(namespace);
      if (pids === undefined) members.set(namespace, [pid]);
      else pids.push(pid);
    }
    if (settling && members.size === 0) return { missing: "shares the host's network namespace" };
    for (const namespace of this.#counters.keys()) if (!members.has(namespace)) this.#counters.delete(namespace);
    const sum = { received: 0, transmitted: 0, first: true };
    for (const [namespace, pids] of members) {
      this.#representatives.set(namespace, pids[0]);
      this.#add(sampling, namespace, pids, sum);
    }
    return sum;
  }

  #look({ procRoot }: Sampling, pid: number, member: Member): void {
    const namespace = networkNamespace(procRoot, pid) ?? member.namespace;
    if (namespace === member.namespace) return;
    member.namespace = namespace;
    this.#inhabited = undefined;
  }

  /**
   * Opened anew each time: a kept descriptor of `net/dev` would keep the namespace alive after its last process.
   */
  #add(
    { procRoot }: Sampling,
    namespace: string,
    pids: readonly number[],
    sum: { received: number; transmitted: number; first: boolean },
  ): void {
    const text = firstOf(pids, (pid) => readWhole(`${procRoot}/${pid}/net/dev`));
    if (text === undefined) return;
    const before = this.#counters.get(namespace);
    const now = parseNetDev(text);
    this.#counters.set(namespace, now);
    if (before === undefined) return;
    sum.first = false;
    for (const [name, { received, transmitted }] of now) {
      const base = before.get(name);
      if (base === undefined) continue;
      sum.received += Math.max(0, received - base.received);
      sum.transmitted += Math.max(0, transmitted - base.transmitted);
    }
  }
}

function firstOf<Value>(pids: readonly number[], read: (pid: number) => Value | undefined): Value | undefined {
  for (const pid of pids) {
    const value = read(pid);
    if (value !== undefined) return value;
  }
  return undefined;
}
