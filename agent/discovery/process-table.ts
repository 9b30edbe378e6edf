import { readdirSync } from "node:fs";
import { executablePath } from "../kernel/executable.ts";
import { KernelFile } from "../kernel/kernel-file.ts";
import { networkNamespace } from "../kernel/network-namespace.ts";
import { type ProcessStat, parseProcessStat, statName } from "../kernel/process-stat.ts";
import type { Sampling } from "../sample/sampling.ts";

/** A process of the host as selectors see it. */
export interface ProcessEntry {
  readonly pid: number;
  readonly startTime: number;
  readonly parent: number;
  readonly name: string;
  /** Path of its executable; undefined where it may not be read. */
  readonly executable: string | undefined;
  /** Undefined where it may not be read, or where nobody asked. */
  readonly namespace: string | undefined;
  /** Whether it was younger than ten seconds at the last look: it may yet become another program, or open its socket. */
  readonly young: boolean;
}

const YOUNG_SECONDS = 10;
/** Processes that are not young are looked at in turn, so that each is after so many scans. */
const TURNS = 12;
const NINE = 57;

const stat: ProcessStat = { parent: 0, userTime: 0, systemTime: 0, threads: 0, startTime: 0, resident: 0 };

/** All processes of the host, from scans of /proc that look closely only at what may have changed. */
export class ProcessTable {
  readonly #sampling: Sampling;
  readonly #namespaces: boolean;
  readonly #entries = new Map<number, ProcessEntry>();
  #children: Map<number, number[]> | undefined;
  #round = 0;

  /** @param namespaces whether network namespaces are wanted */
  constructor(sampling: Sampling, namespaces: boolean) {
    this.#sampling = sampling;
    this.#namespaces = namespaces;
  }

  /** As of the last scan. */
  get entries(): ReadonlyMap<number, ProcessEntry> {
    return this.#entries;
  }

  /** Pids of the processes that each process is the parent of. */
  get children(): ReadonlyMap<number, readonly number[]> {
    if (this.#children === undefined) {
      this.#children = new Map();
      for (const { pid, parent } of this.#entries.values()) {
        const siblings = this.#children.get(parent);
        if (siblings === undefined) this.#children.set(parent, [pid]);
        else siblings.push(pid);
      }
    }
    return this.#children;
  }

  /** @param uptime seconds since boot */
  scan(uptime: number): void {
    this.#round++;
    const present = this.#pids();
    for (const pid of this.#entries.keys()) if (!present.has(pid)) this.#set(pid, undefined);
    for (const pid of present) {
      const known = this.#entries.get(pid);
      if (known === undefined || this.#stale(known, present)) this.#set(pid, this.#look(pid, uptime, known));
    }
  }

  #set(pid: number, entry: ProcessEntry | undefined): void {
    const known = this.#entries.get(pid);
    if (entry?.parent !== known?.parent) this.#children = undefined;
    if (entry === undefined) this.#entries.delete(pid);
    else this.#entries.set(pid, entry);
  }

  #pids(): Set<number> {
    const pids = new Set<number>();
    try {
      for (const name of readdirSync(this.#sampling.procRoot)) {
        if (name.charCodeAt(0) > NINE) continue;
        const pid = Number(name);
        if (pid > 0) pids.add(pid);
      }
    } catch {
      this.#sampling.partialReads++;
    }
    return pids;
  }

  #stale(entry: ProcessEntry, present: ReadonlySet<number>): boolean {
    if (entry.young || entry.pid % TURNS === this.#round % TURNS) return true;
    return entry.parent !== 0 && !present.has(entry.parent);
  }

  #look(pid: number, uptime: number, known: ProcessEntry | undefined): ProcessEntry | undefined {
    const { procRoot, buffer, machine } = this.#sampling;
    const file = new KernelFile(`${procRoot}/${pid}/stat`, { limit: 0, used: 0 });
    const length = file.read(buffer);
    if (length < 0 || !parseProcessStat(buffer, length, stat)) return undefined;
    const { startTime, parent } = stat;
    const name = statName(buffer, length);
    // Another program brings its own name.
    const same = known !== undefined && known.startTime === startTime && known.name === name && !known.young;
    return {
      pid,
      startTime,
      parent,
      name,
      executable: same ? known.executable : executablePath(procRoot, pid),
      namespace: this.#namespaces ? networkNamespace(procRoot, pid) : undefined,
      young: uptime - startTime / machine.ticksPerSecond < YOUNG_SECONDS,
    };
  }
}
