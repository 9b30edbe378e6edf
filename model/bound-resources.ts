import type { Project, Workload } from "./project.ts";

/** The resources that belong to a workload, by patterns of their names, and those that belong to others. */
export interface BoundResources {
  /** Empty when the project does not say: then all that is not another workload's. */
  readonly own: readonly string[];
  readonly others: readonly string[];
}

/** The resources of a workload among the workloads of its stack. */
export function boundResources(workloads: Project["workloads"], { name, stack, resources }: Workload): BoundResources {
  const others = workloads.filter(
    (other) => other.name !== name && other.stack.dir === stack.dir && other.stack.name === stack.name,
  );
  return { own: resources, others: others.flatMap((other) => other.resources) };
}

/** Whether a resource's name is one of the patterns; `*` stands for any text. */
export function matchesName(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => {
    const parts = pattern.split("*").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
    return new RegExp(`^${parts.join(".*")}$`, "s").test(name);
  });
}

/** Whether a change of the workload may touch the resource. */
export function isBound({ own, others }: BoundResources, name: string): boolean {
  return own.length > 0 ? matchesName(own, name) : !matchesName(others, name);
}
