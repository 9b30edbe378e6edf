import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { readIfThere } from "../runtime/atomic-file.ts";
import { probeCgroups, removeTree } from "../runtime/cgroup.ts";

export interface Throttle {
  /** Bytes per second, each way; null without a limit. */
  readonly throughput: number | null;
  /** Operations per second, each way; null without a limit. */
  readonly iops: number | null;
}

const BLKIO = "/sys/fs/cgroup/blkio";
const UNIFIED = "/sys/fs/cgroup";

/** Limits what the pool's workers do to the device. Says in words why it cannot. */
export async function setThrottle(
  pool: string,
  device: string,
  { throughput, iops }: Throttle,
): Promise<string | undefined> {
  const none = throughput === null && iops === null;
  if (device === "") return none ? undefined : "throughput is not limited: the volume has no device of its own";
  const number = deviceNumber(device);
  try {
    if (existsSync(join(BLKIO, "cgroup.procs"))) {
      const group = join(BLKIO, "foreshadow", pool);
      mkdirSync(group, { recursive: true });
      for (const way of ["read", "write"]) {
        writeFileSync(join(group, `blkio.throttle.${way}_bps_device`), `${number} ${throughput ?? 0}`);
        writeFileSync(join(group, `blkio.throttle.${way}_iops_device`), `${number} ${iops ?? 0}`);
      }
      return undefined;
    }
    const group = join(UNIFIED, "foreshadow", pool);
    mkdirSync(group, { recursive: true });
    for (const level of [UNIFIED, join(UNIFIED, "foreshadow")])
      writeFileSync(join(level, "cgroup.subtree_control"), "+io");
    const [bytes, operations] = [throughput ?? "max", iops ?? "max"];
    writeFileSync(
      join(group, "io.max"),
      `${number} rbps=${bytes} wbps=${bytes} riops=${operations} wiops=${operations}`,
    );
    return undefined;
  } catch (error) {
    return none ? undefined : `throughput is not limited: ${(error as Error).message}`;
  }
}

/** The limits as the kernel has them. */
export function readThrottle(pool: string, device: string): Throttle {
  const number = deviceNumber(device);
  const v1 = (name: string) =>
    limitIn(readIfThere(join(BLKIO, "foreshadow", pool, `blkio.throttle.${name}_device`)), number);
  if (existsSync(join(BLKIO, "cgroup.procs")))
    return { throughput: lowest(v1("read_bps"), v1("write_bps")), iops: lowest(v1("read_iops"), v1("write_iops")) };
  const line = (readIfThere(join(UNIFIED, "foreshadow", pool, "io.max")) ?? "")
    .split("\n")
    .find((text) => text.startsWith(`${number} `));
  const v2 = (name: string) => {
    const value = Number(new RegExp(`${name}=(\\d+)`).exec(line ?? "")?.[1]);
    return Number.isFinite(value) ? value : null;
  };
  return { throughput: lowest(v2("rbps"), v2("wbps")), iops: lowest(v2("riops"), v2("wiops")) };
}

/** Removes the group that the limits are in, once no worker is in it. */
export function removeThrottle(pool: string): void {
  removeTree(join(BLKIO, "foreshadow", pool));
  probeCgroups().driver?.removeIfEmpty("/foreshadow");
}

/** The limit of one device in a file of lines `MAJOR:MINOR LIMIT`; null when it has none. */
export function limitIn(text: string | undefined, number: string): number | null {
  const line = (text ?? "").split("\n").find((candidate) => candidate.startsWith(`${number} `));
  return line === undefined ? null : Number(line.split(" ")[1]);
}

function lowest(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b);
}

function deviceNumber(device: string): string {
  return readFileSync(join("/sys/class/block", basename(device), "dev"), "utf8").trim();
}
