import { countByProfile, profileAt, type ScalingProfile } from "./scaling-profiles.ts";

/** One machine of a group. Epoch seconds. */
export interface Instance {
  readonly id: string;
  /** Version of the description it was started from. */
  readonly version: string;
  readonly launchedAt: number;
  readonly inServiceAt: number;
  readonly zone?: string;
}

/** A step that the cloud carries out by itself. What is absent stays as it is. */
export interface ScheduledStep {
  readonly name: string;
  readonly at: number;
  readonly min?: number;
  readonly max?: number;
  readonly desired?: number;
}

/** A floor that holds from one instant until another. Epoch seconds. */
export interface FloorWindow {
  readonly name: string;
  readonly from: number;
  readonly until: number;
  readonly min: number;
}

export interface LoadPoint {
  readonly at: number;
  /** Cores that are asked for. */
  readonly cpu: number;
}

/** A group of machines with a native target-tracking autoscaler, as all three clouds have it. */
export interface ScaledGroup {
  min: number;
  max: number;
  desired: number;
  instances: Instance[];
  schedules: ScheduledStep[];
  /** The utilisation that the native autoscaler holds; none where there is no autoscaler. */
  target?: number;
  /** Cores a machine has, and its type where that has a name. */
  cores: number;
  type?: string;
  /** Zones that machines are spread over, evenly; where one has none to give, the next is tried. One without a name unless given. */
  zones?: readonly string[];
  /** Version that machines are started from, and whether those of another version are being replaced. */
  version: string;
  replacing: boolean;
  /** Share of the group that a replacement takes out of service at once; a tenth without it. */
  batch?: number;
  /** Machines that a replacement adds before it takes old ones away; without it old ones go first. */
  surge?: number;
  /** Where floors hold for a while rather than from a step on: the least of all, and those above it. `min` is the greatest that holds. */
  floors?: { base: number; windows: readonly FloorWindow[] };
  /** Since when fewer machines would do. */
  lowSince?: number;
  /** Bounds and rules by time, in place of steps and a target, where the cloud's autoscaler works by them; and when it last acted. */
  profiles?: ScalingProfile[];
  scaledAt?: number;
  /** Names of its tags, where something that is not a resource of this world made it. */
  tags?: readonly string[];
}

/** A group in which nothing runs yet. */
export function newGroup(
  sizes: Pick<ScaledGroup, "min" | "max" | "desired">,
  { version = "", cores = 1 }: Partial<Pick<ScaledGroup, "version" | "cores">> = {},
): ScaledGroup {
  return { ...sizes, instances: [], schedules: [], version, cores, replacing: false };
}

export interface GroupRules {
  /** Seconds from launch to service. */
  readonly bootDelay: number;
  /** Seconds between two looks of the native autoscaler. */
  readonly scalerPeriod: number;
  /** Seconds that fewer machines must have been enough before one is stopped. */
  readonly scaleInAfter: number;
}

/** What the group asks of the cloud around it. */
export interface Surroundings {
  /** The identifier of a machine, or why there is none. @param zone absent where zones are not told apart */
  launch(at: number, zone?: string): { readonly id: string } | { readonly refused: string };
  tell(at: number, text: string): void;
}

/** Looks that are made up for after a long absence. */
const MOST_LOOKS = 100_000;
/** Share of a group that a rolling replacement takes out of service at once (EC2 Auto Scaling: minimum healthy percentage 90). */
const REPLACED_AT_ONCE = 0.1;

/** Machines that serve at an instant. */
export function inService({ instances }: Pick<ScaledGroup, "instances">, at: number): number {
  return instances.filter(({ inServiceAt }) => inServiceAt <= at).length;
}

/**
 * Lets a group live from one instant to another: scheduled steps at their times, the native autoscaler's looks at multiples of its period,
 * launches and stops that follow. Deterministic: the same in one go or in many.
 *
 * @param from, to epoch seconds; all that lies in (from, to] happens
 */
export function advanceGroup(
  group: ScaledGroup,
  from: number,
  to: number,
  load: readonly LoadPoint[],
  rules: GroupRules,
  around: Surroundings,
): void {
  const { scalerPeriod } = rules;
  const first = Math.max(Math.floor(from / scalerPeriod) + 1, Math.floor(to / scalerPeriod) - MOST_LOOKS);
  let look = first * scalerPeriod;
  let since = from;
  for (;;) {
    const step = group.schedules.reduce<ScheduledStep | undefined>(
      (next, one) => (one.at <= to && (next === undefined || one.at < next.at) ? one : next),
      undefined,
    );
    const edge = nextEdge(group, since);
    const at = Math.min(step?.at ?? Number.POSITIVE_INFINITY, edge, look);
    if (at > to) return;
    since = at;
    if (edge === at) holdFloors(group, at, around);
    if (step !== undefined && step.at === at) takeStep(group, step, around);
    if (look === at) {
      react(group, at, load, rules, around);
      look += scalerPeriod;
    }
    settle(group, at, rules, around);
  }
}

/** When the next window begins or ends. */
function nextEdge({ floors }: ScaledGroup, since: number): number {
  let next = Number.POSITIVE_INFINITY;
  for (const { from, until } of floors?.windows ?? [])
    for (const edge of [from, until]) if (edge > since && edge < next) next = edge;
  return next;
}

/** Brings the minimum to the greatest floor that holds, at most the maximum. */
export function holdFloors(group: ScaledGroup, at: number, around: Surroundings): void {
  if (group.floors === undefined) return;
  const { base, windows } = group.floors;
  const held = windows.reduce(
    (most, { from, until, min }) => (from <= at && at < until ? Math.max(most, min) : most),
    base,
  );
  const min = Math.min(held, group.max);
  if (min !== group.min) around.tell(at, `schedules: at least ${min} instead of ${group.min}`);
  resize(group, { min });
}

/** A one-time step happens once, and is gone. */
function takeStep(group: ScaledGroup, step: ScheduledStep, around: Surroundings): void {
  group.schedules = group.schedules.filter((one) => one !== step);
  resize(group, step);
  around.tell(step.at, `scheduled step ${step.name}: at least ${group.min}, at most ${group.max}`);
}

/** Bounds and count as they are set from outside; the count is brought within the bounds, as the clouds do. */
export function resize(group: ScaledGroup, { min, max, desired }: Omit<ScheduledStep, "name" | "at">): void {
  group.min = min ?? group.min;
  group.max = Math.max(max ?? group.max, group.min);
  group.desired = Math.min(group.max, Math.max(group.min, desired ?? group.desired));
}

/** Target tracking: out at once, in only after a while. */
function react(
  group: ScaledGroup,
  at: number,
  load: readonly LoadPoint[],
  rules: GroupRules,
  around: Surroundings,
): void {
  if (group.profiles !== undefined) {
    followProfiles(group, at, load, rules, around);
    return;
  }
  if (group.target === undefined) return;
  const asked = load.reduce((cpu, point) => (point.at <= at ? point.cpu : cpu), 0);
  const wanted = Math.min(group.max, Math.max(group.min, Math.ceil(asked / (group.cores * group.target))));
  if (wanted < group.desired) {
    group.lowSince ??= at;
    if (at - group.lowSince < rules.scaleInAfter) return;
  } else {
    delete group.lowSince;
    if (wanted === group.desired) return;
  }
  around.tell(at, `native autoscaler: ${group.desired} to ${wanted}`);
  group.desired = wanted;
}

/** The bounds of the profile that holds now, and the count by its rules. */
function followProfiles(
  group: ScaledGroup,
  at: number,
  load: readonly LoadPoint[],
  { scalerPeriod }: GroupRules,
  around: Surroundings,
): void {
  const profile = profileAt(group.profiles ?? [], at);
  if (profile === undefined) return;
  if (group.min !== profile.min || group.max !== profile.max) {
    [group.min, group.max] = [profile.min, profile.max];
    around.tell(at, `profile ${profile.name}: at least ${group.min}, at most ${group.max}`);
  }
  const count = countByProfile(group, profile, at, inService(group, at), load, scalerPeriod);
  if (count === group.desired) return;
  around.tell(at, `native autoscaler: ${group.desired} to ${count}`);
  group.desired = count;
  group.scaledAt = at;
}

/** Starts and stops machines until there are as many as desired, and goes on with a replacement. */
export function settle(group: ScaledGroup, at: number, { bootDelay }: GroupRules, around: Surroundings): void {
  if (group.replacing) replaceSome(group, at, around);
  const old = group.replacing ? group.instances.filter(({ version }) => version !== group.version).length : 0;
  const wanted = group.desired + Math.min(old, group.surge ?? 0);
  if (group.instances.length > wanted) {
    // Those of an old version go first, then those that do not serve yet.
    const order = [...group.instances].sort(
      (a, b) =>
        Number(a.version === group.version) - Number(b.version === group.version) || b.inServiceAt - a.inServiceAt,
    );
    const gone = new Set(order.slice(0, group.instances.length - wanted));
    group.instances = group.instances.filter((one) => !gone.has(one));
  }
  while (group.instances.length < wanted) {
    const launched = launchSomewhere(group, at, around);
    if (launched === undefined) return;
    group.instances.push({ ...launched, version: group.version, launchedAt: at, inServiceAt: at + bootDelay });
  }
}

/**
 * A machine in the zone that has the fewest, or in the next one that has one to give (Amazon EC2 Auto Scaling User Guide, "Balance across Availability
 * Zones": a launch that fails in one zone is tried in another).
 */
function launchSomewhere(
  group: ScaledGroup,
  at: number,
  around: Surroundings,
): Pick<Instance, "id" | "zone"> | undefined {
  const held = (zone: string) => group.instances.filter((one) => one.zone === zone).length;
  const zones = group.zones === undefined ? [undefined] : [...group.zones].sort((a, b) => held(a) - held(b));
  for (const zone of zones) {
    const launched = around.launch(at, zone);
    if ("id" in launched) return { id: launched.id, ...(zone === undefined ? {} : { zone }) };
    around.tell(at, `could not launch${zone === undefined ? "" : ` in ${zone}`}: ${launched.refused}`);
  }
  return undefined;
}

function replaceSome(group: ScaledGroup, at: number, around: Surroundings): void {
  const old = group.instances.filter(({ version }) => version !== group.version);
  if (old.length === 0) {
    group.replacing = false;
    around.tell(at, `all machines are of version ${group.version}`);
    return;
  }
  if (group.surge !== undefined) {
    const spare = new Set(old.slice(0, Math.max(0, inService(group, at) - group.desired)));
    group.instances = group.instances.filter((one) => !spare.has(one));
    return;
  }
  const down = group.instances.length - inService(group, at);
  const allowed = Math.max(1, Math.floor(group.desired * (group.batch ?? REPLACED_AT_ONCE))) - down;
  const gone = new Set(old.slice(0, Math.max(0, allowed)));
  group.instances = group.instances.filter((one) => !gone.has(one));
}
