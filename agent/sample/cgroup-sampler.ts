import { isAtLimit } from "../../model/demand.ts";
import { CgroupCpu } from "../kernel/cgroup-cpu.ts";
import { cgroupDirectory, type Hierarchy } from "../kernel/cgroup-hierarchy.ts";
import { CgroupIo, type IoLimits } from "../kernel/cgroup-io.ts";
import { CgroupMemory } from "../kernel/cgroup-memory.ts";
import { CgroupPressure } from "../kernel/cgroup-pressure.ts";
import { CgroupProcesses } from "../kernel/cgroup-processes.ts";
import { CgroupThrottling } from "../kernel/cgroup-throttling.ts";
import { directoriesIn } from "../kernel/directories.ts";
import type { DescriptorBudget } from "../kernel/kernel-file.ts";
import type { Sampling } from "./sampling.ts";

/** Bytes, and bytes and operations per second; `Infinity` where there is no limit. Of the last look. */
export interface CgroupLimits {
  readonly memory: number;
  readonly disk: IoLimits | undefined;
  /** Whether the memory of a cgroup directly below is at its own limit. */
  readonly childAtMemoryLimit: boolean;
}

/** A bound on the cgroups below that are looked at for their own limits. */
const MOST_CHILDREN = 1000;

/** A cgroup's readers, each from the hierarchy that accounts for it. */
export class CgroupSampler {
  /** Names what was found, to tell when it must be found again. */
  readonly key: string;
  readonly processes: CgroupProcesses;
  readonly cpu: CgroupCpu | undefined;
  readonly memory: CgroupMemory | undefined;
  readonly io: CgroupIo | undefined;
  readonly pressure: CgroupPressure | undefined;
  readonly throttling: CgroupThrottling | undefined;
  /** Its directory in the hierarchy of version 2. */
  readonly unified: string | undefined;
  limits: CgroupLimits;
  readonly #memoryPlace: Place | undefined;

  private constructor(sampling: Sampling, places: readonly Place[]) {
    const { budget } = sampling;
    this.key = keyOf(places);
    this.unified = places.find(({ hierarchy }) => hierarchy.version === 2)?.directory;
    this.processes = new CgroupProcesses(places[0].directory, budget);
    this.cpu = first(places, ({ directory, hierarchy }) => CgroupCpu.of(directory, hierarchy.version, budget));
    this.memory = first(places, (place) => memoryOf(place, place.directory, budget));
    this.#memoryPlace = byVersion(places).find((place) => memoryOf(place, place.directory, NO_BUDGET) !== undefined);
    this.io = first(places, ({ directory, hierarchy }) => CgroupIo.of(directory, hierarchy.version, budget));
    this.pressure = first(places, ({ directory }) => CgroupPressure.of(directory, budget));
    this.throttling = first(places, ({ directory }) => CgroupThrottling.of(directory, budget));
    this.limits = this.#limits(sampling.buffer);
  }

  /**
   * The readers of a cgroup path; `known` itself when nothing changed; undefined when no hierarchy has that path. Where
   * hierarchies are separate, a path may hold other processes in each: only those are used that hold the same as the one that
   * holds most.
   */
  static find(sampling: Sampling, path: string, known: CgroupSampler | undefined): CgroupSampler | undefined {
    const places = agreeing(sampling, path, known);
    if (places.length === 0) return undefined;
    if (known?.key !== keyOf(places)) return new CgroupSampler(sampling, places);
    known.limits = known.#limits(sampling.buffer);
    return known;
  }

  #limits(buffer: Buffer): CgroupLimits {
    return {
      memory: this.memory?.limit(buffer) ?? Number.POSITIVE_INFINITY,
      disk: this.io?.limits(),
      childAtMemoryLimit: this.#childAtMemoryLimit(buffer),
    };
  }

  #childAtMemoryLimit(buffer: Buffer): boolean {
    const place = this.#memoryPlace;
    if (place === undefined) return false;
    return directoriesIn(place.directory)
      .slice(0, MOST_CHILDREN)
      .some((child) => {
        const memory = memoryOf(place, child, NO_BUDGET);
        return memory !== undefined && isAtLimit(memory.fill(buffer), 1);
      });
  }

  close(): void {
    this.processes.close();
    this.cpu?.close();
    this.memory?.close();
    this.io?.close();
    this.pressure?.close();
    this.throttling?.close();
  }
}

interface Place {
  readonly hierarchy: Hierarchy;
  readonly directory: string;
  readonly pids: readonly number[];
}

/** For a single look: nothing is kept open. */
const NO_BUDGET: DescriptorBudget = { limit: 0, used: 0 };

/** Processes come and go between the reads of two hierarchies: so many of them have to be the same. */
const SAME = 0.8;

function agreeing({ hierarchies, buffer }: Sampling, path: string, known: CgroupSampler | undefined): Place[] {
  const places = hierarchies.flatMap((hierarchy): Place[] => {
    const directory = cgroupDirectory(hierarchy, path);
    if (directory === undefined) return [];
    const processes = new CgroupProcesses(directory, NO_BUDGET);
    return [{ hierarchy, directory, pids: processes.read(buffer) ?? [] }];
  });
  const most = Math.max(...places.map((place) => place.pids.length));
  const fullest = places.find((place) => place.pids.length >= SAME * most);
  if (fullest === undefined) return [];
  const pids = new Set(fullest.pids);
  const used = new Set(known?.key.split("\n"));
  const others = places.filter((place) => {
    if (place === fullest) return false;
    if (used.has(place.directory) && place.pids.length > 0) return true;
    return place.pids.filter((pid) => pids.has(pid)).length >= SAME * Math.max(pids.size, place.pids.length);
  });
  return [fullest, ...others];
}

function keyOf(places: readonly Place[]): string {
  return places
    .map(({ directory }) => directory)
    .sort()
    .join("\n");
}

function byVersion(places: readonly Place[]): readonly Place[] {
  return [...places].sort((a, b) => b.hierarchy.version - a.hierarchy.version);
}

function memoryOf({ hierarchy }: Place, directory: string, budget: DescriptorBudget): CgroupMemory | undefined {
  return CgroupMemory.of(directory, hierarchy.version, budget);
}

function first<Reader>(places: readonly Place[], open: (place: Place) => Reader | undefined): Reader | undefined {
  for (const place of byVersion(places)) {
    const reader = open(place);
    if (reader !== undefined) return reader;
  }
  return undefined;
}
