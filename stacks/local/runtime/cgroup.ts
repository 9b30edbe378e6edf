import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readIfThere } from "./atomic-file.ts";

const ROOT = "/sys/fs/cgroup";
/** The kernel's default length of the accounting period; the agent's throttling figures are in it too. */
const PERIOD_MICROSECONDS = 100_000;
/** Smallest quota that the kernel accepts. */
const MINIMUM_QUOTA_MICROSECONDS = 1_000;
/** Weight of all pools against the rest of the host, eight times the default: a service goes before batch work. */
const SHARES = 8 * 1024;
const WEIGHT = 8 * 100;

export interface Limits {
  /** Cores; null for none. */
  readonly cpu: number | null;
  /** Bytes; null for none. */
  readonly memory: number | null;
}

export interface LimitResult {
  /** What could not be set, in words. */
  readonly problems: readonly string[];
  /** The processes occupy more memory than the new limit, which was not set: only ending them frees it for certain. */
  readonly occupied: boolean;
}

/** Cgroups of the workers, by path below the hierarchy's root: `/foreshadow/POOL/replica-N`. */
export interface CgroupDriver {
  readonly version: 1 | 2;
  /** What this host cannot limit, in words. */
  readonly degraded: readonly string[];
  /** Makes the cgroup and gives the files into which a process writes its pid to join. */
  join(path: string, parentIo: string): string[];
  /** Sets the limits of a cgroup in place. */
  limit(path: string, limits: Limits): LimitResult;
  /** Removes the cgroup and those below it everywhere; one that still has processes stays, and false is returned. */
  remove(path: string): boolean;
  /** Removes the cgroup where nothing is below it. */
  removeIfEmpty(path: string): void;
}

/** The driver that works on this host; `undefined` with the reason where none does. */
export function probeCgroups(root = ROOT): { driver?: CgroupDriver; reason?: string } {
  const v1 = ["cpu", "memory"].filter((name) => existsSync(join(root, name, "cgroup.procs")));
  if (v1.length > 0) return writable(join(root, v1[0])) ? { driver: version1(root) } : { reason: denied(root) };
  const controllers = readIfThere(join(root, "cgroup.controllers"));
  if (controllers === undefined) return { reason: `no cgroup hierarchy at ${root}` };
  if (!writable(root)) return { reason: denied(root) };
  return { driver: version2(root, controllers.trim().split(/\s+/)) };
}

function version1(root: string): CgroupDriver {
  const has = (name: string) => existsSync(join(root, name, "cgroup.procs"));
  const single = ["cpu", "cpuacct", "memory"].filter(has);
  // The unified hierarchy limits nothing here, but it has the CPU and pressure figures of the replica.
  const mounts = has("unified") ? [...single, "unified"] : single;
  const degraded = ["cpu", "memory"]
    .filter((name) => !single.includes(name))
    .map((name) => `no ${name} limit: the host has no ${name} controller`);
  return {
    version: 1,
    degraded,
    join(path, parentIo) {
      for (const mount of mounts) mkdirSync(join(root, mount, path), { recursive: true });
      if (single.includes("cpu")) attempt([], join(root, "cpu", dirname(dirname(path)), "cpu.shares"), `${SHARES}`);
      const files = mounts.map((mount) => join(root, mount, path, "cgroup.procs"));
      // Limits of blkio do not reach down the tree in version 1: all workers are in the pool's own group.
      if (!has("blkio")) return files;
      mkdirSync(join(root, "blkio", parentIo), { recursive: true });
      return [...files, join(root, "blkio", parentIo, "cgroup.procs")];
    },
    limit(path, { cpu, memory }) {
      const problems: string[] = [];
      let occupied = false;
      if (single.includes("cpu")) {
        attempt(problems, join(root, "cpu", path, "cpu.cfs_period_us"), `${PERIOD_MICROSECONDS}`);
        attempt(problems, join(root, "cpu", path, "cpu.cfs_quota_us"), cpu === null ? "-1" : `${quota(cpu)}`);
      }
      if (single.includes("memory")) {
        // The kernel gives up what it can reclaim, and refuses when that is not enough.
        const file = join(root, "memory", path, "memory.limit_in_bytes");
        occupied = attempt(problems, file, memory === null ? "-1" : `${memory}`) === "EBUSY";
      }
      return { problems, occupied };
    },
    remove: (path) => mounts.map((mount) => removeTree(join(root, mount, path))).every(Boolean),
    removeIfEmpty: (path) => [...mounts, "blkio"].forEach((mount) => void removeDirectory(join(root, mount, path))),
  };
}

function version2(root: string, offered: readonly string[]): CgroupDriver {
  const usable = ["cpu", "memory", "io"].filter((name) => offered.includes(name) && enable(root, name));
  const degraded = ["cpu", "memory"]
    .filter((name) => !usable.includes(name))
    .map((name) => `no ${name} limit: the host does not delegate the ${name} controller`);
  return {
    version: 2,
    degraded,
    join(path) {
      const full = join(root, path);
      mkdirSync(full, { recursive: true });
      // Controllers have to be handed down level by level.
      for (const level of [dirname(dirname(full)), dirname(full)]) for (const name of usable) enable(level, name);
      if (usable.includes("cpu")) attempt([], join(dirname(dirname(full)), "cpu.weight"), `${WEIGHT}`);
      return [join(full, "cgroup.procs")];
    },
    limit(path, { cpu, memory }) {
      const problems: string[] = [];
      const full = join(root, path);
      if (usable.includes("cpu"))
        attempt(problems, join(full, "cpu.max"), `${cpu === null ? "max" : quota(cpu)} ${PERIOD_MICROSECONDS}`);
      if (!usable.includes("memory")) return { problems, occupied: false };
      // Version 2 takes any limit and then kills: what cannot be reclaimed is compared first, as version 1 does by itself.
      const anonymous = Number(/^anon (\d+)$/m.exec(readIfThere(join(full, "memory.stat")) ?? "")?.[1] ?? 0);
      const occupied = memory !== null && anonymous > memory;
      if (!occupied) attempt(problems, join(full, "memory.max"), memory === null ? "max" : `${memory}`);
      return { problems, occupied };
    },
    remove: (path) => removeTree(join(root, path)),
    removeIfEmpty: (path) => void removeDirectory(join(root, path)),
  };
}

/** Microseconds of each period that a number of cores comes to. */
export function quota(cpu: number): number {
  return Math.max(MINIMUM_QUOTA_MICROSECONDS, Math.round(cpu * PERIOD_MICROSECONDS));
}

function enable(directory: string, controller: string): boolean {
  const file = join(directory, "cgroup.subtree_control");
  const has = () => (readIfThere(file) ?? "").trim().split(/\s+/).includes(controller);
  if (has()) return true;
  try {
    writeFileSync(file, `+${controller}`);
  } catch {
    return false;
  }
  return has();
}

/** Writes a limit where it is another; gives the error's code. A busy group is no problem to report, but one to act on. */
function attempt(problems: string[], file: string, value: string): string | undefined {
  try {
    if (readFileSync(file, "utf8").trim() !== value) writeFileSync(file, value);
    return undefined;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== "EBUSY") problems.push(`${file}: ${message}`);
    return code;
  }
}

/** A kernel's cgroup directory has files that cannot be unlinked and go with it: only directories are removed. */
export function removeTree(path: string): boolean {
  if (!existsSync(path)) return true;
  const children = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const emptied = children.map((child) => removeTree(join(path, child.name))).every(Boolean);
  return emptied && removeDirectory(path);
}

function removeDirectory(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT";
  }
}

function writable(directory: string): boolean {
  const probe = join(directory, `foreshadow-probe-${process.pid}`);
  try {
    mkdirSync(probe);
    rmdirSync(probe);
    return true;
  } catch {
    return false;
  }
}

function denied(root: string): string {
  return `cgroups under ${root} may not be created by this user`;
}
