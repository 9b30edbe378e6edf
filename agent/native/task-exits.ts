import type { Libc } from "./libc.ts";
import {
  attribute,
  message,
  NLM_F_ACK,
  NLM_F_REQUEST,
  NLMSG_ERROR,
  visitAttributes,
  visitMessages,
} from "./netlink.ts";

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
const EPERM = 1;
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
    let family: number | string = "the kernel did not tell the family's number";
    visitAttributes(answer, GENL_HEADER, answer.length, (type, from) => {
      if (type === CTRL_ATTR_FAMILY_ID) family = answer.readUInt16LE(from);
    });
    return family;
  }

  /** The body of the answer, or what the kernel says is wrong. It answers before the call returns. */
  #ask(type: number, command: number, content: Buffer, flags: number): Buffer | string {
    const body = Buffer.concat([Buffer.from([command, 1, 0, 0]), content]);
    const request = message(type, NLM_F_REQUEST | flags, 1, body);
    if (this.#libc.send(this.#socket, request, request.length, 0) < 0) return this.#libc.error();
    const length = this.#libc.recv(this.#socket, this.#datagram, DATAGRAM_BYTES, MSG_DONTWAIT);
    if (length < 0) return this.#libc.error();
    let answer: Buffer | string = "no answer";
    visitMessages(this.#datagram, length, (kind, from, to) => {
      const code = kind === NLMSG_ERROR ? -this.#datagram.readInt32LE(from) : 0;
      if (code !== 0) answer = code === EPERM ? "EPERM; needs CAP_NET_ADMIN" : `error ${code}`;
      else answer = kind === NLMSG_ERROR ? Buffer.alloc(0) : Buffer.from(this.#datagram.subarray(from, to));
    });
    return answer;
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
      parseTaskExits(this.#datagram, length, exits);
    }
    return exits;
  }

  close(): void {
    this.#libc.close(this.#socket);
  }
}

/** Adds the exit records of a datagram. Sums over thread groups, which come besides, are passed over. */
export function parseTaskExits(datagram: Buffer, length: number, into: TaskExit[]): void {
  visitMessages(datagram, length, (_, body, end) =>
    visitAttributes(datagram, body + GENL_HEADER, end, (type, from, to) => {
      if (type !== TASKSTATS_TYPE_AGGR_PID) return;
      visitAttributes(datagram, from, to, (kind, stats, statsEnd) => {
        if (kind === TASKSTATS_TYPE_STATS && statsEnd - stats >= LEAST_BYTES) into.push(parseStats(datagram, stats));
      });
    }),
  );
}

function parseStats(bytes: Buffer, at: number): TaskExit {
  const name = at + AC_COMM;
  const end = bytes.indexOf(0, name);
  return {
    tid: bytes.readUInt32LE(at + AC_PID),
    pid: bytes.readUInt32LE(at + AC_TGID),
    parent: bytes.readUInt32LE(at + AC_PPID),
    name: bytes.toString("utf8", name, end < 0 ? name + AC_COMM_BYTES : Math.min(end, name + AC_COMM_BYTES)),
    ran: Number(bytes.readBigUInt64LE(at + CPU_RUN_VIRTUAL_TOTAL)) * 1e-9,
  };
}
