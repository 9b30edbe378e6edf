import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { baseReplicas, type Capacity, type PlanStep, parseCapacity, replicasAt } from "../model/capacity.ts";
import { now as clock } from "../model/simulated-clock.ts";
import { assertStillHolder } from "./lease-guard.ts";

/** The capacity of a workload, with the figures that programs ask for most. Bytes, bytes per second, cores. */
export interface WorkloadCapacity extends Capacity {
  /** The file it was read from. */
  readonly file: string;
  /** Replicas without the plan: the count, or the floor. */
  readonly count: number;
  /** Least and greatest number of replicas; both the count with `owns: desired`. */
  readonly floor: number;
  readonly ceiling: number;
  /** Replicas by the step of the plan that is in force now, else the count or the floor: what a target's schedules have brought about. */
  readonly present: number;
  /** Steps that are still to come: a target's schedules lie in the future, and go when they have happened. */
  readonly ahead: readonly PlanStep[];
}

/**
 * The capacity that `capacity/<stack>.yaml` gives a workload, for a Pulumi program to build with. The file is looked for in the
 * project's directory and upward; `FORESHADOW_CAPACITY_FILE` names another one.
 *
 * @param now epoch seconds
 * @throws InputError when the file is not what it should be, Error when file or workload are missing or the engine that runs
 * this program has lost its lease
 */
export function capacity(workload: string, now = clock()): WorkloadCapacity {
  assertStillHolder();
  const file = process.env.FORESHADOW_CAPACITY_FILE ?? findCapacityFile(pulumi.getStack(), startingPoints());
  const workloads = parseCapacity(readFileSync(file, "utf8"), file);
  const found = workloads.get(workload);
  if (found === undefined)
    throw new Error(`${file}: expected the workload ${workload}, found ${[...workloads.keys()].join(", ") || "none"}`);
  const { replicas } = found;
  const [floor, ceiling] = "count" in replicas ? [replicas.count, replicas.count] : [replicas.floor, replicas.ceiling];
  return {
    ...found,
    file,
    count: baseReplicas(found),
    floor,
    ceiling,
    present: replicasAt(found, now),
    ahead: found.plan.filter(({ at }) => at > now),
  };
}

/** @throws Error that names where was looked */
export function findCapacityFile(stack: string, directories: readonly string[]): string {
  const name = join("capacity", `${stack}.yaml`);
  const tried: string[] = [];
  for (const start of directories)
    for (let directory = resolve(start); ; directory = dirname(directory)) {
      const candidate = join(directory, name);
      if (existsSync(candidate)) return candidate;
      tried.push(directory);
      if (directory === dirname(directory)) break;
    }
  throw new Error(
    `expected ${name} in the project's directory or above, found none in ${[...new Set(tried)].join(", ")}`,
  );
}

/** The project's root where Pulumi tells it, and where the program runs. */
function startingPoints(): string[] {
  try {
    return [pulumi.getRootDirectory(), process.cwd()];
  } catch {
    return [process.cwd()];
  }
}
