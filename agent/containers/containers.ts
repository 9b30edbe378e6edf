import { matchesName } from "../../model/bound-resources.ts";
import type { ContainerSelector } from "../../model/project.ts";
import type { Hierarchy } from "../kernel/cgroup-hierarchy.ts";
import type { ContainerCgroup } from "./container-cgroup.ts";
import { type ContainerName, containerName } from "./container-names.ts";
import { findContainers } from "./find-containers.ts";

/** A runtime may write a container's name after it has started it: so many looks it is asked for again. */
const MOST_LOOKS = 12;

interface Known extends ContainerCgroup {
  readonly named: ContainerName | undefined;
  readonly looks: number;
}

/** The containers of this host and what they are called. */
export class Containers {
  readonly #root: string;
  #known = new Map<string, Known>();

  /** @param root of the host's files, `/` */
  constructor(root: string) {
    this.#root = root;
  }

  look(hierarchies: readonly Hierarchy[]): void {
    const next = new Map<string, Known>();
    for (const container of findContainers(hierarchies)) {
      const before = this.#known.get(container.path);
      const settled = before !== undefined && (before.named !== undefined || before.looks >= MOST_LOOKS);
      const named = settled ? before.named : containerName(this.#root, container.id);
      next.set(container.path, { ...container, named, looks: (before?.looks ?? 0) + 1 });
    }
    this.#known = next;
  }

  /** Paths of the cgroups of the containers that are meant, as of the last look. */
  select(selector: ContainerSelector): string[] {
    return [...this.#known.values()].filter(({ named }) => named && matches(selector, named)).map(({ path }) => path);
  }
}

function matches(selector: ContainerSelector, { name, pod, namespace, labels, sandbox }: ContainerName): boolean {
  if (sandbox) return false;
  const fits = (pattern: string | undefined, text: string | undefined) =>
    pattern === undefined || (text !== undefined && matchesName([pattern], text));
  if (!fits(selector.name, name) || !fits(selector.pod, pod) || !fits(selector.namespace, namespace)) return false;
  return Object.entries(selector.labels ?? {}).every(([label, pattern]) => fits(pattern, labels[label]));
}
