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

const stat: ProcessStat = { parent: 0, userTime: 0, systemTime: 0, threads: 0, startTime: 0, resident: 0 };

/** All processes of the host, from scans of /proc that look closely only at what may have changed. */
export class ProcessTable {
  readonly #sampling: Sampling;
  readonly #namespaces: boolean;
  #entries = new Map<number, ProcessEntry>();
  #round = 0;

  /** @param namespaces whether network namespaces are wanted */
  constructor(sampling: Sampling, namespaces: boolean) {
    this.#sampling = sampling;
    this.#namespaces = namespaces;
  }

  /** @param uptime seconds since boot */
  scan(uptime: number): ReadonlyMap<number, ProcessEntry> {
    this.#round++;
    const pids = this.#pids();
    const present = new Set(pids);
    const next = new Map<number, ProcessEntry>();
    for (const pid of pids) {
      const known = this.#entries.get(pid);
      const entry = known !== undefined && !this.#stale(known, present) ? known : this.#look(pid, uptime);
      if (entry !== undefined) next.set(pid, entry);
    }
    this.#entries = next;
    return next;
  }

  #pids(): number[] {
    try {
      return readdirSync(this.#sampling.procRoot)
        .filter((name) => name.charCodeAt(0) <= 57)
        .map(Number)
        .filter((pid) => Number.isInteger(pid) && pid > 0);
    } catch {
      this.#sampling.partialReads++;
      return [];
    }
  }

  #stale(entry: ProcessEntry, present: ReadonlySet<number>): boolean {
    if (entry.young || entry.pid % TURNS === this.#round % TURNS) return true;
    return entry.parent !== 0 && !present.has(entry.parent);
  }

  #look(pid: number, uptime: number): ProcessEntry | undefined {
    const { procRoot, buffer, machine } = this.#sampling;
    const file = new KernelFile(`${procRoot}/${pid}/stat`, { limit: 0, used: 0 });
    const length = file.read(buffer);
    if (length < 0 || !parseProcessStat(buffer, length, stat)) return undefined;
    const { startTime, parent } = stat;
    return {
      pid,
      startTime,
      parent,
      name: statName(buffer, length),
      executable: executablePath(procRoot, pid),
      namespace: this.#namespaces ? networkNamespace(procRoot, pid) : undefined,
      young: uptime - startTime / machine.ticksPerSecond < YOUNG_SECONDS,
    };
  }
}
