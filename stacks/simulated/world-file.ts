import { chmodSync, existsSync, readFileSync } from "node:fs";
import { WORLD_VARIABLE } from "../../model/simulated-clock.ts";
import { writeAtomic } from "../local/runtime/atomic-file.ts";
import { withLock } from "../local/world/lock.ts";
import { takeFault } from "./faults.ts";
import { advanceGroup, inService, settle } from "./scaled-group.ts";
import { DOCUMENTED, nextId, note, type World } from "./world.ts";

/** Makes a world, in place of any that is there. */
export function writeWorld(file: string, world: World): void {
  writeAtomic(file, JSON.stringify(world));
  chmodSync(file, 0o600);
  for (const [id, group] of Object.entries(world.groups)) writeStatus(file, id, group, world.now);
}

/**
 * Changes a world that lives in a file, as one step: first everything happens in it that should have since it was last looked at, then
 * `action`. What throws changes nothing.
 *
 * @param now epoch seconds
 * @throws Error when there is no such world
 */
export async function inWorld<T>(file: string, now: number, action: (world: World) => T): Promise<T> {
  return withLock(`${file} simulated world`, async () => {
    const world = readWorld(file);
    advance(world, now);
    const result = action(world);
    writeWorld(file, world);
    return result;
  });
}

export function readWorld(file: string): World {
  if (!existsSync(file))
    throw new Error(`${file}: expected a simulated world, found none; ${WORLD_VARIABLE} names its file`);
  const world = JSON.parse(readFileSync(file, "utf8")) as World;
  if (world.simulated !== true || world.version !== 1)
    throw new Error(`${file}: expected a simulated world of version 1, found something else`);
  // One that was made before there was a rule goes by what is documented.
  return {
    ...world,
    rules: { ...DOCUMENTED, ...world.rules },
    calls: world.calls ?? [],
    permissions: world.permissions ?? {},
  };
}

/** The world as it is at an instant, in memory only. */
export function worldAt(file: string, now: number): World {
  const world = readWorld(file);
  advance(world, now);
  return world;
}

/** Lets time pass in a world. Without effect when that instant has passed. */
export function advance(world: World, now: number): void {
  if (now <= world.now) return;
  for (const [id, group] of Object.entries(world.groups))
    advanceGroup(group, world.now, now, world.load[id] ?? [], world.rules, surroundings(world, id));
  world.now = now;
}

/** The cloud as one group sees it. */
export function surroundings(world: World, group: string) {
  return {
    launch: (_at: number, zone?: string): { id: string } | { refused: string } => {
      const type = world.groups[group].type ?? "instance";
      const fault = takeFault(world.faults, "launch", "before", type, group, zone);
      if (fault !== undefined) return { refused: fault.message };
      const instances = Object.values(world.groups).reduce((sum, one) => sum + one.instances.length, 0);
      if (instances >= world.rules.instanceQuota)
        return { refused: `quota of ${world.rules.instanceQuota} instances is used up` };
      if (coresOf(world) + world.groups[group].cores > world.rules.coreQuota)
        return { refused: `quota of ${world.rules.coreQuota} cores is used up` };
      return { id: nextId(world, "i") };
    },
    tell: (at: number, text: string) => note(world, at, group, text),
  };
}

/** Has a group come to what is asked of it now. */
export function settleGroup(world: World, id: string, now: number): void {
  settle(world.groups[id], now, world.rules, surroundings(world, id));
}

export function removeGroup({ groups, load }: World, id: string): void {
  delete groups[id];
  delete load[id];
}

/** vCPUs of all machines. */
export function coresOf({ groups }: World): number {
  return Object.values(groups).reduce((sum, { cores, instances }) => sum + cores * instances.length, 0);
}

/** Where it is told how many machines of a group serve, in the form that a project's `statusFile` names. */
export function statusFileOf(file: string, group: string): string {
  return `${file}.${group.replace(/[^A-Za-z0-9_.-]/g, "_")}.status.json`;
}

function writeStatus(file: string, id: string, group: World["groups"][string], now: number): void {
  const workers = group.instances.map(({ inServiceAt }, i) => ({
    pid: i,
    state: inServiceAt <= now ? "ready" : "starting",
  }));
  const status = { version: 1, simulated: true, ready: inService(group, now), workers, updatedAt: now };
  writeAtomic(statusFileOf(file, id), JSON.stringify(status));
}
