import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** One mounted cgroup hierarchy: the unified one of version 2, or one of version 1 with its controllers. */
export interface Hierarchy {
  readonly root: string;
  readonly version: 1 | 2;
  /** Version 1 only: `cpu,cpuacct` as its directory is named. */
  readonly controllers: readonly string[];
}

/**
 * The hierarchies below `cgroupRoot`, found by what is there: version 2 alone, version 1, or both side by side
 * (`/sys/fs/cgroup/unified`). Version 2 comes first. Empty where there are no cgroups.
 */
export function probeHierarchies(cgroupRoot: string): Hierarchy[] {
  if (existsSync(join(cgroupRoot, "cgroup.controllers"))) return [{ root: cgroupRoot, version: 2, controllers: [] }];
  let names: string[];
  try {
    names = readdirSync(cgroupRoot);
  } catch {
    return [];
  }
  const found = names.flatMap((name): Hierarchy[] => {
    const root = join(cgroupRoot, name);
    if (existsSync(join(root, "cgroup.controllers"))) return [{ root, version: 2, controllers: [] }];
    if (existsSync(join(root, "cgroup.procs"))) return [{ root, version: 1, controllers: name.split(",") }];
    return [];
  });
  return found.sort((a, b) => b.version - a.version);
}

/** The directory of a cgroup path such as `/web` in a hierarchy; undefined when it is not there or leads out of it. */
export function cgroupDirectory(hierarchy: Hierarchy, path: string): string | undefined {
  if (path.split("/").includes("..")) return undefined;
  const directory = join(hierarchy.root, path);
  return existsSync(join(directory, "cgroup.procs")) ? directory : undefined;
}
