const LISTEN = "0A";

/** A socket that listens on a TCP port. */
export interface ListeningSocket {
  readonly inode: string;
  /** As the kernel writes it: hexadecimal words in the machine's byte order. */
  readonly address: string;
  readonly port: number;
}

/**
 * The sockets that listen, from the text of `/proc/PID/net/tcp` or `tcp6`.
 * Columns: sl, local address:port in hexadecimal, remote, state, queues, timer, retransmits, uid, timeout, inode.
 */
export function listeningSockets(text: string): ListeningSocket[] {
  const sockets: ListeningSocket[] = [];
  for (const line of text.split("\n")) {
    const fields = line.trim().split(/\s+/);
    if (fields.length < 10 || fields[3] !== LISTEN) continue;
    const [address, port = ""] = fields[1].split(":");
    sockets.push({ inode: fields[9], address, port: Number.parseInt(port, 16) });
  }
  return sockets;
}

/**
 * Connections that listening sockets have ready and nobody has accepted: of a listening socket the column `rx_queue` is the length
 * of its accept queue (Documentation/networking/proc_net_tcp.rst).
 */
export function waitingConnections(text: string): number {
  let waiting = 0;
  for (const line of text.split("\n")) {
    const fields = line.trim().split(/\s+/);
    if (fields.length < 10 || fields[3] !== LISTEN) continue;
    const queued = Number.parseInt(fields[4].slice(fields[4].indexOf(":") + 1), 16);
    if (queued > 0) waiting += queued;
  }
  return waiting;
}
