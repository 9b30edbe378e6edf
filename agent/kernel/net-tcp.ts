const LISTEN = "0A";

/**
 * Inodes of the sockets that listen on a TCP port, from the text of `/proc/PID/net/tcp` or `tcp6`.
 * Columns: sl, local address:port in hexadecimal, remote, state, queues, timer, retransmits, uid, timeout, inode.
 */
export function listeningInodes(text: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const inodes: string[] = [];
  for (const line of text.split("\n")) {
    const fields = line.trim().split(/\s+/);
    if (fields.length >= 10 && fields[3] === LISTEN && fields[1].endsWith(suffix)) inodes.push(fields[9]);
  }
  return inodes;
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
