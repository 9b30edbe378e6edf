import type { Libc } from "./libc.ts";
import { attribute, attributes, message, messages, NLM_F_ACK, NLM_F_REQUEST, NLMSG_ERROR } from "./netlink.ts";

/** A thread that ended, with what it used in its whole life. */
export interface TaskExit {
  readonly tid: number;
  readonly pid: number;
  readonly parent: number;
  /** Its name, at most 15 bytes. */
  readonly name: string;
  /** Seconds on a CPU, to the nanosecond. */
  readonly ran: number;
}

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0x80000;
const NETLINK_GENERIC = 16;
const SOL_SOCKET = 1;
const SO_RCVBUFFORCE = 33;
const MSG_DONTWAIT = 0x40;
/** Holds some thousand records until the next tick. */
const BUFFER_BYTES = 8 * 1024 * 1024;
const DATAGRAM_BYTES = 64 * 1024;
/** What one tick takes at most: a fork bomb must not stop the agent. */
const MOST_DATAGRAMS = 50_000;

const GENL_ID_CTRL = 16;
const CTRL_CMD_GETFAMILY = 3;
const CTRL_ATTR_FAMILY_ID = 1;
const CTRL_ATTR_FAMILY_NAME = 2;
const TASKSTATS_CMD_GET = 1;
const TASKSTATS_CMD_ATTR_REGISTER_CPUMASK = 3;
const TASKSTATS_TYPE_STATS = 3;
const TASKSTATS_TYPE_AGGR_PID = 4;
const GENL_HEADER = 4;

/** Offsets in `struct taskstats` (include/uapi/linux/taskstats.h), which only grows at its end. */
const CPU_RUN_VIRTUAL_TOTAL = 72;
const AC_COMM = 80;
const AC_COMM_BYTES = 32;
const AC_PID = 128;
const AC_PPID = 132;
const AC_TGID = 368;
const LEAST_BYTES = 372;

/**
 * Exit records of all threads of the host, from the kernel's taskstats interface (Documentation/accounting/taskstats.rst). Needs
 * CAP_NET_ADMIN, and the host's own process and network namespaces.
 */
export class TaskExits {
  readonly #libc: Libc;
  readonly #socket: number;
  readonly #datagram = Buffer.alloc(DATAGRAM_BYTES);
  #lost = false;

  private constructor(libc: Libc, socket: number) {
    this.#libc = libc;
    this.#socket = socket;
  }

  /** Begins to listen; or tells why it cannot. */
  static open(libc: Libc, cpus: string): TaskExits | string {
    const socket = libc.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
    if (socket < 0) return `taskstats: netlink socket: ${libc.error()}`;
    const exits = new TaskExits(libc, socket);
    const refusal = exits.#register(cpus);
    if (refusal === undefined) return exits;
    exits.close();
    return `taskstats: ${refusal}`;
  }

  #register(cpus: string): string | undefined {
    const libc = this.#libc;
    const size = Buffer.alloc(4);
    size.writeInt32LE(BUFFER_BYTES);
    if (libc.setsockopt(this.#socket, SOL_SOCKET, SO_RCVBUFFORCE, size, 4) < 0)
      return `SO_RCVBUFFORCE: ${libc.error()}`;
    const address = Buffer.alloc(12);
    address.writeUInt16LE(AF_NETLINK, 0);
    if (libc.bind(this.#socket, address, address.length) < 0) return `bind: ${libc.error()}`;
    const family = this.#family();
    if (typeof family === "string") return family;
    const mask = attribute(TASKSTATS_CMD_ATTR_REGISTER_CPUMASK, cpus);
    const answer = this.#ask(family, TASKSTATS_CMD_GET, mask, NLM_F_ACK);
    return typeof answer === "string" ? `registering for CPUs ${cpus}: ${answer}` : undefined;
  }

  #family(): number | string {
    const answer = this.#ask(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, attribute(CTRL_ATTR_FAMILY_NAME, "TASKSTATS"), 0);
    if (typeof answer === "string") return `the kernel has no such family: ${answer}`;
    for (const [type, value] of attributes(answer.subarray(GENL_HEADER)))
      if (type === CTRL_ATTR_FAMILY_ID) return value.readUInt16LE(0);
    return "the kernel did not tell the family's number";
  }

  /** The body of the answer, or what the kernel says is wrong. It answers before the call returns. */
  #ask(type: number, command: number, content: Buffer, flags: number): Buffer | string {
    const body = Buffer.concat([Buffer.from([command, 1, 0, 0]), content]);
    const request = message(type, NLM_F_REQUEST | flags, 1, body);
    if (this.#libc.send(this.#socket, request, request.length, 0) < 0) return this.#libc.error();
    const length = this.#libc.recv(this.#socket, this.#datagram, DATAGRAM_BYTES, MSG_DONTWAIT);
    if (length < 0) return this.#libc.error();
    for (const answer of messages(this.#datagram.subarray(0, length))) {
      if (answer.type !== NLMSG_ERROR) return Buffer.from(answer.body);
      const code = -answer.body.readInt32LE(0);
      return code === 0 ? Buffer.alloc(0) : code === 1 ? "EPERM; needs CAP_NET_ADMIN" : `error ${code}`;
    }
    return "no answer";
  }

  /** Whether the kernel had to drop records since the last call, because they were not taken in time. */
  takeLost(): boolean {
    const lost = this.#lost;
    this.#lost = false;
    return lost;
  }

  /** The records since the last call. */
  take(): TaskExit[] {
    const exits: TaskExit[] = [];
    for (let i = 0; i < MOST_DATAGRAMS; i++) {
      const length = this.#libc.recv(this.#socket, this.#datagram, DATAGRAM_BYTES, MSG_DONTWAIT);
      if (length < 0) {
        if (this.#libc.error() !== "ENOBUFS") break;
        this.#lost = true;
        continue;
      }
      parseTaskExits(this.#datagram.subarray(0, length), exits);
    }
    return exits;
  }

  close(): void {
    this.#libc.close(this.#socket);
  }
}

/** Adds the exit records of a datagram. Sums over thread groups, which come besides, are passed over. */
export function parseTaskExits(datagram: Buffer, into: TaskExit[]): void {
  for (const { body } of messages(datagram))
    for (const [type, aggregate] of attributes(body.subarray(GENL_HEADER)))
      if (type === TASKSTATS_TYPE_AGGR_PID)
        for (const [kind, stats] of attributes(aggregate))
          if (kind === TASKSTATS_TYPE_STATS && stats.length >= LEAST_BYTES) into.push(parseStats(stats));
}

function parseStats(stats: Buffer): TaskExit {
  const name = stats.subarray(AC_COMM, AC_COMM + AC_COMM_BYTES);
  const end = name.indexOf(0);
  return {
    tid: stats.readUInt32LE(AC_PID),
    pid: stats.readUInt32LE(AC_TGID),
    parent: stats.readUInt32LE(AC_PPID),
    name: name.toString("utf8", 0, end < 0 ? AC_COMM_BYTES : end),
    ran: Number(stats.readBigUInt64LE(CPU_RUN_VIRTUAL_TOTAL)) * 1e-9,
  };
}
