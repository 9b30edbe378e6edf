import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const ROOT = "/sys/fs/cgroup";
const PERIOD = 100_000;

/** A cgroup of the test's own with a CPU limit, on version 1 or 2, whatever the host has; undefined where it has none to give. */
export class LimitedCgroup {
  readonly path: string;
  readonly #directories: readonly string[];

  private constructor(path: string, directories: readonly string[]) {
    this.path = path;
    this.#directories = directories;
  }

  /** @param cores its limit; `undefined` for none */
  static make(name: string, cores: number | undefined): LimitedCgroup | undefined {
    const path = `/${name}-${process.pid}`;
    const unified = existsSync(`${ROOT}/cgroup.controllers`);
    const mounts = unified ? [""] : ["/unified", "/cpu", "/cpuacct", "/memory", "/blkio"].filter(mounted);
    const directories = mounts.map((mount) => `${ROOT}${mount}${path}`);
    const cgroup = new LimitedCgroup(path, directories);
    try {
      for (const directory of directories) mkdirSync(directory);
      if (cores !== undefined) cgroup.limit(cores);
      return cgroup;
    } catch {
      for (const directory of directories) if (existsSync(directory)) rmdirSync(directory);
      return undefined;
    }
  }

  /** Sets another limit. */
  limit(cores: number): void {
    const quota = Math.round(cores * PERIOD);
    if (existsSync(`${ROOT}/cgroup.controllers`)) writeFileSync(`${ROOT}${this.path}/cpu.max`, `${quota} ${PERIOD}`);
    else writeFileSync(`${ROOT}/cpu${this.path}/cpu.cfs_quota_us`, `${quota}`);
  }

  add(pid: number): void {
    for (const directory of this.#directories) writeFileSync(`${directory}/cgroup.procs`, `${pid}`);
  }

  /** After its processes have ended. The kernel takes a moment to let the last one go. */
  async remove(): Promise<void> {
    for (const directory of this.#directories)
      for (let tries = 0; existsSync(directory); tries++)
        try {
          rmdirSync(directory);
        } catch (error) {
          if (tries > 100) throw error;
          await sleep(20);
        }
  }
}

function mounted(mount: string): boolean {
  return existsSync(`${ROOT}${mount}/cgroup.procs`);
}
