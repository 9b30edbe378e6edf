import { listeningSockets } from "../kernel/net-tcp.ts";
import { readWhole } from "../kernel/read-whole.ts";
import { socketInodes } from "../kernel/socket-inodes.ts";
import type { ProcessEntry } from "./process-table.ts";

/** Finds the processes that hold a listening socket, in every network namespace of the host. */
export class PortHolders {
  readonly #procRoot: string;
  readonly #port: number;
  #inodes = "";
  #holders = new Set<number>();
  #seen = new Set<string>();

  constructor(procRoot: string, port: number) {
    this.#procRoot = procRoot;
    this.#port = port;
  }

  /** Pids. Walking descriptors is dear: it is done for all processes only when the listening sockets changed. */
  find(table: ReadonlyMap<number, ProcessEntry>): ReadonlySet<number> {
    const wanted = new Set(this.#listening(table));
    const inodes = [...wanted].sort().join();
    if (inodes !== this.#inodes) this.#seen.clear();
    this.#inodes = inodes;
    const holders = new Set<number>();
    const seen = new Set<string>();
    for (const { pid, startTime, young } of table.values()) {
      const key = `${pid}:${startTime}`;
      const settled = this.#seen.has(key) && !young;
      if (wanted.size > 0 && (settled ? this.#holders.has(pid) : this.#holds(pid, wanted))) holders.add(pid);
      seen.add(key);
    }
    this.#holders = holders;
    this.#seen = seen;
    return holders;
  }

  #listening(table: ReadonlyMap<number, ProcessEntry>): string[] {
    const representatives = new Map<string, number>();
    for (const { pid, namespace } of table.values())
      if (namespace !== undefined && !representatives.has(namespace)) representatives.set(namespace, pid);
    const roots = ["self", ...representatives.values()].map((pid) => `${this.#procRoot}/${pid}/net`);
    return roots.flatMap((root) =>
      ["tcp", "tcp6"].flatMap((file) =>
        listeningSockets(readWhole(`${root}/${file}`) ?? "").flatMap(({ port, inode }) =>
          port === this.#port ? [inode] : [],
        ),
      ),
    );
  }

  #holds(pid: number, wanted: ReadonlySet<string>): boolean {
    for (const inode of socketInodes(this.#procRoot, pid)) if (wanted.has(inode)) return true;
    return false;
  }
}
