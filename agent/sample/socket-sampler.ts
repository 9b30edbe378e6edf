import type { HeldBack } from "../../model/held-back.ts";
import { refusedConnections } from "../kernel/net-netstat.ts";
import { waitingConnections } from "../kernel/net-tcp.ts";
import { readWhole } from "../kernel/read-whole.ts";
import type { Sampling, Tick } from "./sampling.ts";

/** Every socket of the namespace is a line to read: not each tick. */
const EVERY_TICKS = 5;

interface Seen {
  readonly refused: number;
  readonly at: number;
}

/** Connections that a workload's network namespaces let wait or refused. */
export class SocketSampler {
  #seen = new Map<string, Seen>();
  #last: HeldBack = {};

  /**
   * @param representatives a process of each namespace that is the workload's alone
   * @returns the figures of the last look
   */
  read({ procRoot }: Sampling, tick: Tick, representatives: ReadonlyMap<string, number>): HeldBack {
    if (representatives.size === 0) this.#last = {};
    else if (tick.number % EVERY_TICKS === 0) this.#look(procRoot, tick, representatives);
    return this.#last;
  }

  #look(procRoot: string, tick: Tick, representatives: ReadonlyMap<string, number>): void {
    const seen = new Map<string, Seen>();
    let waiting = 0;
    let refused: number | undefined;
    for (const [namespace, pid] of representatives) {
      for (const file of ["tcp", "tcp6"])
        waiting += waitingConnections(readWhole(`${procRoot}/${pid}/net/${file}`) ?? "");
      const now = { refused: refusedConnections(readWhole(`${procRoot}/${pid}/net/netstat`) ?? ""), at: tick.now };
      if (Number.isNaN(now.refused)) continue;
      seen.set(namespace, now);
      const before = this.#seen.get(namespace);
      if (before !== undefined && now.at > before.at)
        refused = (refused ?? 0) + Math.max(0, now.refused - before.refused) / (now.at - before.at);
    }
    this.#seen = seen;
    this.#last = { connections_waiting: waiting, ...(refused === undefined ? {} : { connections_refused: refused }) };
  }
}
