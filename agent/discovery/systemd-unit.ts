import { basename, relative } from "node:path";
import type { Hierarchy } from "../kernel/cgroup-hierarchy.ts";
import { directoriesIn } from "../kernel/directories.ts";

const DEEPEST = 8;
const MOST_DIRECTORIES = 20_000;

/**
 * Path of a unit's cgroup such as `/system.slice/nginx.service`. systemd names a unit's cgroup after the unit, in the unified
 * hierarchy or in one of its own; a name without a suffix is a service's.
 *
 * @returns undefined when the unit does not run
 */
export function unitCgroup(hierarchies: readonly Hierarchy[], unit: string): string | undefined {
  const name = /\.(service|slice|scope|socket|mount|swap)$/.test(unit) ? unit : `${unit}.service`;
  for (const { root, version, controllers } of hierarchies) {
    if (version === 1 && !controllers.includes("systemd")) continue;
    const found = search(root, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Breadth first, so that the system's unit comes before one of the same name inside a container. */
function search(root: string, name: string): string | undefined {
  let level = [root];
  let visited = 0;
  for (let depth = 0; depth < DEEPEST && level.length > 0; depth++) {
    const next: string[] = [];
    for (const directory of level) {
      if (++visited > MOST_DIRECTORIES) return undefined;
      for (const child of directoriesIn(directory)) {
        if (basename(child) === name) return `/${relative(root, child)}`;
        next.push(child);
      }
    }
    level = next;
  }
  return undefined;
}
