import type { ContainerSelector, Selector } from "../../model/project.ts";
import type { ProcessEntry, ProcessTable } from "./process-table.ts";

/** What selectors look up outside the process table. */
export interface SelectionSources {
  /** Pids in a cgroup and below; undefined when there is no such cgroup. */
  cgroup(path: string): Iterable<number> | undefined;
  /** Pids in the containers that are meant, and below. */
  containers(selector: ContainerSelector): Iterable<number>;
  /** Path of the cgroup of a systemd unit; undefined when it does not run. */
  unit(name: string): string | undefined;
  /** Pids that hold a socket listening on the port. */
  port(port: number, table: ReadonlyMap<number, ProcessEntry>): Iterable<number>;
  /** Pids named in a file. */
  pidFile(path: string): Iterable<number>;
}

/** Processes that meet every condition of a selector, and their descendants. */
export function selectProcesses(
  select: Selector,
  table: Pick<ProcessTable, "entries" | "children">,
  sources: SelectionSources,
): Set<number> {
  let roots: Set<number> | undefined;
  const meet = (pids: Iterable<number>) => {
    const candidates = new Set(pids);
    roots = roots === undefined ? candidates : new Set([...roots].filter((pid) => candidates.has(pid)));
  };
  if (select.cgroup !== undefined) meet(sources.cgroup(select.cgroup) ?? []);
  if (select.container !== undefined) meet(sources.containers(select.container));
  if (select.systemd !== undefined) {
    const path = sources.unit(select.systemd);
    meet((path === undefined ? undefined : sources.cgroup(path)) ?? []);
  }
  if (select.executable !== undefined) meet(byExecutable(select.executable, table.entries));
  if (select.port !== undefined) meet(sources.port(select.port, table.entries));
  if (select.pidFile !== undefined) meet(sources.pidFile(select.pidFile));
  return withDescendants(roots ?? new Set(), table);
}

/** By the path of the executable, or by its name alone; by the process's own name where the path may not be read. */
function byExecutable(executable: string, table: ReadonlyMap<number, ProcessEntry>): number[] {
  const base = executable.slice(executable.lastIndexOf("/") + 1);
  const matches = (entry: ProcessEntry) =>
    entry.executable === undefined
      ? entry.name === base.slice(0, 15)
      : entry.executable === executable || (executable === base && entry.executable.endsWith(`/${base}`));
  return [...table.values()].filter(matches).map(({ pid }) => pid);
}

function withDescendants(
  roots: ReadonlySet<number>,
  { entries, children }: Pick<ProcessTable, "entries" | "children">,
): Set<number> {
  const selected = new Set<number>();
  const open = [...roots].filter((pid) => entries.has(pid));
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    if (selected.has(pid)) continue;
    selected.add(pid);
    for (const child of children.get(pid) ?? []) open.push(child);
  }
  return selected;
}
