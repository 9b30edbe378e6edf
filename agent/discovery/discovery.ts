import type { Selector } from "../../model/project.ts";
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

  constructor(sampling: Sampling, samplers: readonly WorkloadSampler[]) {
    this.#sampling = sampling;
    this.#samplers = samplers;
    const selectors = samplers.map(({ workload }) => workload.select);
    const ports = selectors.flatMap(({ port }) => port ?? []);
    for (const port of ports) this.#ports.set(port, new PortHolders(sampling.procRoot, port));
    this.#table = new ProcessTable(sampling, ports.length > 0);
    this.#scans = !selectors.every(isWholeCgroup);
  }

  /** @param uptime seconds since boot */
  run(uptime: number): void {
    if (this.#scans) this.#table.scan(uptime);
    const sources = this.#sources();
    for (const sampler of this.#samplers) {
      const { select } = sampler.workload;
      if (!isWholeCgroup(select)) {
        sampler.useProcesses(selectProcesses(select, this.#table, sources));
        continue;
      }
      const path = select.cgroup ?? sources.unit(select.systemd!);
      sampler.useCgroup(path === undefined ? undefined : CgroupSampler.find(this.#sampling, path, sampler.cgroup));
    }
  }

  #sources(): SelectionSources {
    const { hierarchies, buffer } = this.#sampling;
    return {
      cgroup: (path) => {
        const cgroup = CgroupSampler.find(this.#sampling, path, undefined);
        try {
          return cgroup?.processes.read(buffer);
        } finally {
          cgroup?.close();
        }
      },
      unit: (name) => unitCgroup(hierarchies, name),
      port: (port, table) => this.#ports.get(port)?.find(table) ?? [],
      pidFile: (path) => readPidFile(path),
    };
  }
}

/** Whether a selector names a cgroup and nothing else, so that the cgroup's own figures are the workload's. */
function isWholeCgroup(select: Selector): boolean {
  const { volume: _, ...conditions } = select;
  const keys = Object.keys(conditions).filter((key) => conditions[key as keyof typeof conditions] !== undefined);
  return keys.length === 1 && (keys[0] === "cgroup" || keys[0] === "systemd");
}
