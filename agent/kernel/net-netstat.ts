/**
 * Connections that a network namespace's listening sockets had no room for, since it was made: `ListenOverflows` (the accept queue
 * was full) and `TCPReqQFullDrop` (so was the queue of half-open ones) of `/proc/PID/net/netstat`, whose lines come in pairs, names
 * above values (Documentation/networking/snmp_counter.rst).
 *
 * @returns `NaN` when the text has none of them
 */
export function refusedConnections(text: string): number {
  const lines = text.split("\n");
  for (let i = 0; i + 1 < lines.length; i += 2) {
    if (!lines[i].startsWith("TcpExt:")) continue;
    const [names, values] = [lines[i].split(" "), lines[i + 1].split(" ")];
    const found = ["ListenOverflows", "TCPReqQFullDrop"]
      .map((name) => names.indexOf(name))
      .filter((at) => at > 0)
      .map((at) => Number(values[at]))
      .filter(Number.isFinite);
    return found.length === 0 ? Number.NaN : found.reduce((sum, value) => sum + value, 0);
  }
  return Number.NaN;
}
