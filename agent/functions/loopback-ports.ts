import { type ListeningSocket, listeningSockets } from "../kernel/net-tcp.ts";
import { networkNamespace } from "../kernel/network-namespace.ts";
import { readWhole } from "../kernel/read-whole.ts";
import { socketInodes } from "../kernel/socket-inodes.ts";

/** A port of this host that is reached without leaving it. */
export interface LoopbackPort {
  readonly host: "127.0.0.1" | "[::1]";
  readonly port: number;
}

/** Addresses as the kernel writes them, and how a socket that listens there is reached from this host. */
const REACHED: ReadonlyMap<string, LoopbackPort["host"]> = new Map([
  ["00000000", "127.0.0.1"],
  ["0100007F", "127.0.0.1"],
  ["00000000000000000000000000000000", "127.0.0.1"],
  ["0000000000000000FFFF00000100007F", "127.0.0.1"],
  ["00000000000000000000000001000000", "[::1]"],
]);

/**
 * Ports that a process listens on and that can be reached on loopback, the lowest first.
 *
 * @throws Error when the process's loopback is not the agent's
 */
export function loopbackPorts(procRoot: string, pid: number): LoopbackPort[] {
  const namespace = networkNamespace(procRoot, pid);
  if (namespace === undefined) throw new Error("its network namespace may not be read");
  if (namespace !== networkNamespace(procRoot, "self"))
    throw new Error("it has a network namespace of its own: its loopback is not the agent's");
  const own = new Set(socketInodes(procRoot, pid));
  const ports = new Map<number, LoopbackPort>();
  for (const { inode, address, port } of listening(procRoot)) {
    const host = REACHED.get(address);
    if (host !== undefined && own.has(inode) && !ports.has(port)) ports.set(port, { host, port });
  }
  return [...ports.values()].sort((a, b) => a.port - b.port);
}

/** Whether anything of this host listens on a port. */
export function isTaken(procRoot: string, port: number): boolean {
  return listening(procRoot).some((socket) => socket.port === port);
}

function listening(procRoot: string): ListeningSocket[] {
  return ["tcp", "tcp6"].flatMap((file) => listeningSockets(readWhole(`${procRoot}/self/net/${file}`) ?? ""));
}
