import type { Fault } from "./faults.ts";
import type { GroupRules, LoadPoint, ScaledGroup } from "./scaled-group.ts";

export type Properties = Record<string, unknown>;

/** A resource of a simulated cloud, as its provider would have it. */
export interface SimulatedResource {
  readonly type: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
  /** Epoch seconds of changes that a rule limits, newest last. */
  readonly modified: readonly number[];
}

/** How fast the simulated cloud is, and what it refuses. Seconds, where nothing else is said. */
export interface WorldRules extends GroupRules {
  /** At least so long between two modifications of a disk. */
  readonly diskModificationGap: number;
  /** Changes of a disk's performance in 24 hours, its creation included, where the cloud counts them. */
  readonly diskChangesADay: number;
  /** Scheduled actions a group may have. */
  readonly schedules: number;
  /** So long a schedule of a floor lasts at least. */
  readonly leastSchedule: number;
  /** Instances that all groups may have together. */
  readonly instanceQuota: number;
  /** vCPUs that the machines of all groups may have together. */
  readonly coreQuota: number;
  /** Seconds that a call which changes something takes, half of them before it has done its work. */
  readonly latency: number;
}

/** Everything that a simulated cloud consists of; one JSON file. */
export interface World {
  readonly version: 1;
  readonly simulated: true;
  readonly cloud: string;
  readonly rules: WorldRules;
  /** Epoch seconds up to which everything has happened. */
  now: number;
  /** Identifiers that were given out. */
  serial: number;
  readonly resources: { [id: string]: SimulatedResource };
  readonly groups: { [id: string]: ScaledGroup };
  /** Cores that the load on a group asks for, from an instant on, ascending. */
  readonly load: { [group: string]: readonly LoadPoint[] };
  readonly faults: Fault[];
  /** What the cloud did by itself, newest last. */
  readonly activities: Activity[];
  /** How often each permission was made use of. */
  readonly permissions: { [permission: string]: number };
  /** Calls that have changed something, newest last. */
  readonly calls: Call[];
}

export interface Call {
  /** Epoch seconds. */
  readonly at: number;
  readonly on: "create" | "update" | "delete";
  readonly type: string;
  readonly id: string;
  /** Name of the resource in the program. */
  readonly resource: string;
}

export interface Activity {
  readonly at: number;
  readonly group: string;
  readonly text: string;
}

const MOST_ACTIVITIES = 1000;
const MOST_CALLS = 10_000;

/** Rules of a cloud in normal operation, from the clouds' documentation of start times, scaling policies and disks. */
export const DOCUMENTED: WorldRules = {
  bootDelay: 120,
  scalerPeriod: 60,
  scaleInAfter: 900,
  diskModificationGap: 6 * 3600,
  diskChangesADay: 4,
  schedules: 125,
  leastSchedule: 300,
  instanceQuota: 1000,
  coreQuota: 100_000,
  latency: 0,
};

/** A cloud in which nothing is yet. */
export function emptyWorld(cloud: string, now: number, rules: Partial<WorldRules> = {}): World {
  return {
    version: 1,
    simulated: true,
    cloud,
    rules: { ...DOCUMENTED, ...rules },
    now,
    serial: 0,
    resources: {},
    groups: {},
    load: {},
    faults: [],
    activities: [],
    calls: [],
    permissions: {},
  };
}

/** An identifier that says what it is: `vpc-simulated0001`. */
export function nextId(world: World, prefix: string): string {
  world.serial += 1;
  return `${prefix}-simulated${String(world.serial).padStart(4, "0")}`;
}

export function note(world: World, at: number, group: string, text: string): void {
  world.activities.push({ at, group, text });
  world.activities.splice(0, world.activities.length - MOST_ACTIVITIES);
}

export function recordCall(world: World, call: Call): void {
  world.calls.push(call);
  world.calls.splice(0, world.calls.length - MOST_CALLS);
}

export function recordPermissions({ permissions }: World, used: readonly string[] = []): void {
  for (const permission of used) permissions[permission] = (permissions[permission] ?? 0) + 1;
}
