import { relative } from "node:path";
import type { Hierarchy } from "../kernel/cgroup-hierarchy.ts";
import { directoriesIn } from "../kernel/directories.ts";
import { type ContainerCgroup, containerCgroup } from "./container-cgroup.ts";

/** Kubernetes in a container of Docker's is nine levels deep. */
const DEEPEST = 12;
const MOST_DIRECTORIES = 20_000;

/** The cgroups of containers on this host. Containers inside containers are found too. */
export function findContainers(hierarchies: readonly Hierarchy[]): ContainerCgroup[] {
  const found = new Map<string, ContainerCgroup>();
  const one = hierarchies.filter(({ version }) => version === 1);
  // A container is in all hierarchies of version 1: one of them tells.
  const first = one.find(({ controllers }) => controllers.includes("memory")) ?? one[0];
  for (const { root } of [...hierarchies.filter(({ version }) => version === 2), ...(first ? [first] : [])]) {
    let visited = 0;
    let level = [root];
    for (let depth = 0; depth < DEEPEST && level.length > 0; depth++) {
      const next: string[] = [];
      for (const directory of level) {
        if (++visited > MOST_DIRECTORIES) break;
        const container = containerCgroup(`/${relative(root, directory)}`);
        if (container !== undefined) found.set(container.path, container);
        next.push(...directoriesIn(directory));
      }
      level = next;
    }
  }
  return [...found.values()];
}
