import { readdirSync, readFileSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { readBandwidth } from "../stacks/local/world/bandwidth.ts";
import { RUN_DIRECTORY, WORKLOAD } from "./settings.ts";

/** What is really there, read from the pool's own files and from the kernel, not from Pulumi's state. */
export interface World {
  readonly count: number;
  readonly plan: readonly { at: number; floor: number }[];
  readonly memory: number | null;
  readonly cpu: number | null;
  /** CPU limits in force, as the kernel has them: distinct values over the replicas. */
  readonly cpuLimits: readonly string[];
  readonly volumeBytes: number | null;
  /** Bytes per second that the kernel lets through. */
  readonly bandwidth: number | null;
}

export async function readWorld(): Promise<World> {
  const spec = JSON.parse(readFileSync(join(RUN_DIRECTORY, "spec.json"), "utf8")) as Pick<
    World,
    "count" | "plan" | "memory" | "cpu"
  >;
  const { count, plan, memory, cpu } = spec;
  return {
    count,
    plan,
    memory,
    cpu,
    cpuLimits: cpuLimits(),
    volumeBytes: volumeBytes(),
    bandwidth: (await readBandwidth(RUN_DIRECTORY))?.bandwidth ?? null,
  };
}

/** Whether two worlds are the same; the volume may hold more, its size is what counts. */
export function sameWorld(a: World, b: World): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function cpuLimits(): string[] {
  for (const [root, file] of [
    ["/sys/fs/cgroup/cpu", "cpu.cfs_quota_us"],
    ["/sys/fs/cgroup", "cpu.max"],
  ]) {
    const pool = join(root, "foreshadow", WORKLOAD);
    try {
      const limits = readdirSync(pool, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => readFileSync(join(pool, name, file), "utf8").trim());
      return [...new Set(limits)].sort();
    } catch {
      // Another version of the hierarchy, or none.
    }
  }
  return [];
}

function volumeBytes(): number | null {
  try {
    const { blocks, bsize } = statfsSync(join(RUN_DIRECTORY, "volume"));
    return blocks * bsize;
  } catch {
    return null;
  }
}
