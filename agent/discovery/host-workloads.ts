import { readdirSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import { executablePath } from "../kernel/executable.ts";
import { listeningSockets } from "../kernel/net-tcp.ts";
import { readWhole } from "../kernel/read-whole.ts";

/** Something on this host that could be a workload, and how its processes are selected. */
export interface HostWorkload {
  /** What people call it: a unit's or an executable's name. */
  readonly title: string;
  readonly select: { readonly systemd: string } | { readonly port: number };
  /** Processes of it that run now. */
  readonly processes: number;
}

/** Services that every system has, and those that run others: nobody scales them. */
const OF_THE_SYSTEM =
  /^(systemd-|dbus|user@|getty|serial-getty|ssh|cron|atd|polkit|rsyslog|syslog|networkd|NetworkManager|ModemManager|wpa_|chrony|ntp|udisks|udev|accounts-daemon|snapd|unattended-|packagekit|multipathd|avahi|bluetooth|cups|upower|rtkit|cloud-|qemu-guest|irqbalance|containerd|docker|kubelet|crio|podman|tailscale|foreshadow)/i;
/** Executables that run programs of any kind: the port tells them apart. */
const INTERPRETERS = /^(node|nodejs|deno|bun|python[\d.]*|ruby[\d.]*|perl|php[\d.-]*|java|dotnet|beam\.smp)$/;
/** Ports from here on are given to whoever asks for any. */
const EPHEMERAL = 32_768;
/** Remote login, name service, and Foreshadow's own: intake, agent, GitHub's webhooks, web page. */
const NOT_SERVED = new Set([22, 53, 4318, 9477, 9478, 9479]);
const MOST_PROCESSES = 20_000;
const MOST_DESCRIPTORS = 4096;

/**
 * Services of systemd, and what listens on a TCP port outside of them, each with how the agent would select it. Without root only what
 * belongs to the user is seen of the second.
 *
 * @param procRoot `/proc`
 */
export function hostWorkloads(procRoot: string): HostWorkload[] {
  const units = new Map<string, number>();
  const listeners = new Map<number, { executable: string; processes: number }>();
  const ports = new Map<string, number>();
  for (const file of ["tcp", "tcp6"])
    for (const { inode, port } of listeningSockets(readWhole(`${procRoot}/self/net/${file}`) ?? ""))
      if (port < EPHEMERAL && !NOT_SERVED.has(port)) ports.set(`socket:[${inode}]`, port);
  for (const pid of processes(procRoot)) {
    const executable = executablePath(procRoot, pid);
    if (executable === undefined) continue;
    const unit = unitOf(readWhole(`${procRoot}/${pid}/cgroup`) ?? "");
    if (unit !== undefined) {
      if (!OF_THE_SYSTEM.test(unit) && !unit.endsWith("exporter.service")) units.set(unit, (units.get(unit) ?? 0) + 1);
      continue;
    }
    const name = basename(executable);
    if (OF_THE_SYSTEM.test(name) || name.endsWith("exporter")) continue;
    // The lowest of several ports stands for all of them.
    const port = portsOf(procRoot, pid, ports).sort((a, b) => a - b)[0];
    if (port === undefined) continue;
    const known = listeners.get(port) ?? { executable: name, processes: 0 };
    listeners.set(port, { ...known, processes: known.processes + 1 });
  }
  const served = [...listeners].map(([port, { executable, processes: count }]) => ({
    title: INTERPRETERS.test(executable) ? `${executable}-${port}` : executable,
    select: { port },
    processes: count,
  }));
  const services = [...units].map(([unit, count]) => ({
    title: unit.replace(/\.service$/, ""),
    select: { systemd: unit },
    processes: count,
  }));
  return [...services, ...served].sort((a, b) => a.title.localeCompare(b.title));
}

function processes(procRoot: string): number[] {
  try {
    const pids = readdirSync(procRoot).filter((name) => /^\d+$/.test(name));
    return pids.slice(0, MOST_PROCESSES).map(Number);
  } catch {
    return [];
  }
}

/** The service whose cgroup the process is in, whichever hierarchy says so; of a container none. */
function unitOf(cgroups: string): string | undefined {
  for (const line of cgroups.split("\n")) {
    const path = line.split(":").slice(2).join(":");
    const unit = /^\/system\.slice\/(?:[^/]+\.slice\/)*([^/]+\.service)(?:\/|$)/.exec(path)?.[1];
    if (unit !== undefined) return unit;
  }
  return undefined;
}

function portsOf(procRoot: string, pid: number, ports: ReadonlyMap<string, number>): number[] {
  if (ports.size === 0) return [];
  const directory = `${procRoot}/${pid}/fd`;
  try {
    return readdirSync(directory)
      .slice(0, MOST_DESCRIPTORS)
      .flatMap((descriptor) => {
        try {
          return ports.get(readlinkSync(`${directory}/${descriptor}`)) ?? [];
        } catch {
          return [];
        }
      });
  } catch {
    return [];
  }
}
