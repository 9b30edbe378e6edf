import type { Selector } from "../../model/project.ts";
import { Containers } from "../containers/containers.ts";
import { CgroupSampler } from "../sample/cgroup-sampler.ts";
import type { Sampling } from "../sample/sampling.ts";
import type { WorkloadSampler } from "../sample/workload-sampler.ts";
import { readPidFile } from "./pid-file.ts";
import { PortHolders } from "./port-holders.ts";
import { ProcessTable } from "./process-table.ts";
import { type SelectionSources, selectProcesses } from "./select-processes.ts";
import { unitCgroup } from "./systemd-unit.ts";

/** Tells each workload's sampler what its selector matches now. */
export class Discovery {
  readonly #sampling: Sampling;
  readonly #samplers: readonly WorkloadSampler[];
  readonly #table: ProcessTable;
  readonly #scans: boolean;
  readonly #ports = new Map<number, PortHolders>();
  readonly #containers: Containers | undefined;

  constructor(sampling: Sampling, samplers: readonly WorkloadSampler[]) {
    this.#sampling = sampling;
    this.#samplers = samplers;
    const selectors = samplers.map(({ workload }) => workload.select);
    const ports = selectors.flatMap(({ port }) => port ?? []);
    for (const port of ports) this.#ports.set(port, new PortHolders(sampling.procRoot, port));
    this.#table = new ProcessTable(sampling, ports.length > 0);
    this.#scans = !selectors.every(isOneCgroup);
    if (selectors.some(({ container }) => container !== undefined))
      this.#containers = new Containers(sampling.hostRoot);
  }

  /** @param uptime seconds since boot */
  run(uptime: number): void {
    if (this.#scans) this.#table.scan(uptime);
    this.#containers?.look(this.#sampling.hierarchies);
    const sources = this.#sources();
    for (const sampler of this.#samplers) {
      const { select } = sampler.workload;
      const path = this.#cgroupOf(select, sources);
      const cgroup = path === undefined ? undefined : CgroupSampler.find(this.#sampling, path, sampler.cgroup);
      sampler.useCgroup(cgroup);
      if (!isOneCgroup(select)) sampler.useProcesses(selectProcesses(select, this.#table, sources));
    }
  }

  /** The cgroup whose own figures are the workload's: what is selected is that cgroup and nothing else. */
  #cgroupOf(select: Selector, sources: SelectionSources): string | undefined {
    if (isOneCgroup(select)) return select.cgroup ?? sources.unit(select.systemd!);
    if (conditions(select).join() !== "container") return undefined;
    const paths = this.#containers!.select(select.container!);
    return paths.length === 1 ? paths[0] : undefined;
  }

  #sources(): SelectionSources {
    const { hierarchies, buffer } = this.#sampling;
    const cgroupPids = (path: string) => {
      const cgroup = CgroupSampler.find(this.#sampling, path, undefined);
      try {
        return cgroup?.processes.read(buffer);
      } finally {
        cgroup?.close();
      }
    };
    return {
      cgroup: cgroupPids,
      containers: (selector) => this.#containers?.select(selector).flatMap((path) => cgroupPids(path) ?? []) ?? [],
      unit: (name) => unitCgroup(hierarchies, name),
      port: (port, table) => this.#ports.get(port)?.find(table) ?? [],
      pidFile: (path) => readPidFile(path),
    };
  }
}

/** Whether a selector names a cgroup and nothing else. */
function isOneCgroup(select: Selector): boolean {
  const [only, ...others] = conditions(select);
  return others.length === 0 && (only === "cgroup" || only === "systemd");
}

/** What has to hold of a process; the others say how it is measured. */
function conditions({ volume: _, warmUp: __, ...select }: Selector): string[] {
  return Object.keys(select).filter((key) => select[key as keyof typeof select] !== undefined);
}
