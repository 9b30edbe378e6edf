/** Bytes of one interface since it was made. */
export interface InterfaceCounters {
  readonly received: number;
  readonly transmitted: number;
}

/**
 * `/proc/PID/net/dev`: the interfaces of the process's network namespace, without loopback, which never leaves the host.
 * Lines that are cut or no interface's are passed over.
 */
export function parseNetDev(text: string): Map<string, InterfaceCounters> {
  const interfaces = new Map<string, InterfaceCounters>();
  for (const line of text.split("\n")) {
    const colon = line.lastIndexOf(":");
    if (colon < 0) continue;
    const name = line.slice(0, colon).trim();
    const fields = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/);
    if (name === "lo" || fields.length < 9) continue;
    const [received, transmitted] = [Number(fields[0]), Number(fields[8])];
    if (Number.isFinite(received) && Number.isFinite(transmitted)) interfaces.set(name, { received, transmitted });
  }
  return interfaces;
}
