import type { Constraints } from "../../model/constraints.ts";
import type { Reason } from "../../model/reason.ts";
import type { DecisionMemory, Pin, Short, Wants } from "./decide.port.ts";
import { finite, MOST_REPLICAS } from "./finite.ts";
import { RELEASE_THRESHOLDS, UNFORESEEN_HOLDS } from "./policy.ts";
import { inWindow, shareReleasable } from "./windows.ts";

/** All that the number of replicas follows from. Every number is finite. */
export interface ReplicaSituation {
  readonly now: number;
  /** Seconds a tick. */
  readonly step: number;
  /** What the file asks for at present, and how much of that came or still counts as coming. */
  readonly asked: number;
  readonly effective: number;
  readonly wants: Wants;
  /** Every series that scales out has a trusted forecast. Without one, what was needed over the last cool-downs stands for what will be. */
  readonly foreseen: boolean;
  /** Share of the count within which nothing changes: that of the dimension that drives. */
  readonly threshold: number;
  /** Faults of telemetry, incidents: none is released while there are some. */
  readonly faults: readonly Reason[];
  readonly frozen: boolean;
  readonly pins: readonly Pin[];
  readonly constraints: Constraints;
  /** Epoch seconds of the last scale-in and scale-out. */
  readonly lastIn?: number;
  readonly lastOut?: number;
  readonly memory: DecisionMemory;
  readonly pricePerReplica?: number;
  /** USD an hour of what is paid for besides replicas: disks. */
  readonly besides?: number;
}

export interface ReplicaDecision {
  readonly count: number;
  readonly reasons: readonly Reason[];
  readonly short?: Short;
  readonly memory: DecisionMemory;
}

/**
 * The number of replicas: what the rule would do, then each constraint in turn, the strictest last, so that it has the last word.
 * Step, window and cool-down → present demand → budget → availability → a person's bounds and pins, one-way rules.
 */
export function decideReplicas(s: ReplicaSituation): ReplicaDecision {
  const reasons: Reason[] = [...s.faults];
  const memory = remember(s);
  const target = s.wants.trigger > s.effective ? grown(s, reasons) : released(s, memory, reasons);
  // What is late is asked for again on top of what is needed; a release takes what is late first.
  const rule = target > s.effective ? s.asked + target - s.effective : target < s.effective ? target : s.asked;
  const count = constrain(s, Math.min(rule, MOST_REPLICAS), reasons);
  return { count, reasons, memory, short: shortOf(s, count, reasons) };
}

function grown(s: ReplicaSituation, reasons: Reason[]): number {
  const { present, grow } = s.wants;
  const { effective, constraints } = s;
  let ahead = Math.max(s.wants.trigger, grow);
  const cut = (kind: Reason["kind"], to: number, text: string) => {
    reasons.push({ kind, from: ahead, to, text });
    ahead = to;
  };
  if (ahead > present) {
    const { cooldown, step } = constraints.change;
    const limit = effective + Math.max(1, Math.floor(effective * finite(step.out, 1, 0, 1000)));
    if (s.frozen) cut("freeze", effective, "frozen: the forecast adds nothing");
    else if (!inWindow(constraints.change.windows, s.now)) cut("window", effective, "outside the windows for changes");
    else if (within(s.lastOut, s.now, cooldown.out)) cut("cooldown", effective, "the last scale-out is too recent");
    else if (ahead - effective <= s.threshold * effective) cut("threshold", effective, "within the threshold");
    else if (ahead > limit) cut("step", limit, `at most ${limit - effective} more at a time`);
  }
  if (present > ahead)
    reasons.push({ kind: "demand", from: effective, to: present, text: `present demand needs ${present}` });
  return Math.max(effective, ahead, present);
}

function released(s: ReplicaSituation, memory: DecisionMemory, reasons: Reason[]): number {
  const { effective } = s;
  const held = s.foreseen ? 0 : memory.releases.reduce((most, { replicas }) => Math.max(most, replicas), 0);
  const least = Math.max(s.wants.trigger, s.wants.release);
  let to = Math.max(least, held);
  if (to >= effective) {
    if (least < effective)
      reasons.push({
        kind: "hold",
        from: least,
        to: effective,
        text: `${held} were needed not long ago, and no forecast says what will be`,
      });
    return effective;
  }
  const stay = (kind: Reason["kind"], text: string) => {
    reasons.push({ kind, from: to, to: effective, text });
    return effective;
  };
  const { change, availability } = s.constraints;
  if (s.frozen) return stay("freeze", "frozen: nothing is released");
  if (s.faults.length > 0) return effective;
  if (availability.stateful === true) return stay("one-way", "stateful: nothing is released");
  if (!inWindow(change.windows, s.now)) return stay("window", "outside the windows for changes");
  if (within(s.lastIn, s.now, change.cooldown.in)) return stay("cooldown", "the last scale-in is too recent");
  if (effective - to < RELEASE_THRESHOLDS * s.threshold * effective) return stay("threshold", "within the threshold");
  const most = releasable(s);
  if (effective - to > most) {
    reasons.push({ kind: "step", from: to, to: effective - most, text: `at most ${most} fewer at a time` });
    to = effective - most;
  }
  reasons.push({ kind: "release", from: effective, to, text: `no more than ${to} will be needed soon` });
  return to;
}

/** What the step allows to go at once. */
function releasable({ constraints, effective, now, lastIn, step }: ReplicaSituation): number {
  const share = shareReleasable(constraints, lastIn === undefined ? undefined : now - lastIn, step);
  return Math.max(1, Math.floor(effective * share));
}

/** What the constraints leave of a number of replicas, the strictest last. Adds a reason for each that changes it. */
export function constrain(s: ReplicaSituation, wanted: number, reasons: Reason[]): number {
  const { availability, cost } = s.constraints;
  let count = wanted;
  const set = (kind: Reason["kind"], to: number, text: string) => {
    if (to === count) return;
    reasons.push({ kind, from: count, to, text });
    count = to;
  };
  const affordable = affordableReplicas(s);
  if (affordable !== undefined && count > affordable) {
    const text = `${count} replicas cost more than ${cost.max} USD/h`;
    if (cost.onBudget === "cap") set("budget", affordable, text);
    else reasons.push({ kind: "budget", from: count, to: count, text: `${text}; alert only` });
  }
  const { least, most } = bounds(s.constraints);
  set("availability", Math.max(count, least), `availability asks for at least ${least}`);
  if (s.faults.length > 0) set(s.faults[0].kind, Math.max(count, s.asked), "nothing is released on bad telemetry");
  for (const { min } of s.pins)
    if (min !== undefined)
      set("pin", Math.max(count, Math.ceil(finite(min, 0, 0, MOST_REPLICAS))), `pinned to at least ${min}`);
  for (const { max } of s.pins)
    if (max !== undefined)
      set("pin", Math.min(count, Math.floor(finite(max, MOST_REPLICAS, 0, MOST_REPLICAS))), `pinned to at most ${max}`);
  set("bounds", Math.min(count, most), `at most ${most} replicas are allowed`);
  if (s.frozen) set("freeze", Math.max(count, s.asked), "frozen: nothing is released");
  if (availability.stateful === true) set("one-way", Math.max(count, s.asked), "stateful: nothing is released");
  return count;
}

/** The least and the most replicas that budget, availability, pins and bounds leave to a plan: all of them are cuts, the last wins. */
export function limits(s: ReplicaSituation): { least: number; most: number } {
  const free = { ...s, faults: [], frozen: false, asked: 0 };
  return { least: constrain(free, 0, []), most: constrain(free, MOST_REPLICAS, []) };
}

/** Replicas that the constraints allow. Where the least is above the most, the most holds: it is what a person allows. */
export function bounds({ availability }: Constraints): { least: number; most: number } {
  const most = Math.floor(finite(availability.replicas.max, MOST_REPLICAS, 0, MOST_REPLICAS));
  const zones = availability.survive === "zone" ? finite(availability.zones, 1, 1, 1000) : 0;
  const least = Math.ceil(finite(availability.replicas.min, 1, 0, MOST_REPLICAS));
  return { least: Math.min(most, Math.max(least, zones >= 2 ? Math.ceil(zones) : 0)), most };
}

/** Replicas that the budget pays for besides the disks, when there is a budget and a price. */
export function affordableReplicas({
  constraints: { cost },
  pricePerReplica,
  besides = 0,
}: Pick<ReplicaSituation, "constraints" | "pricePerReplica" | "besides">): number | undefined {
  if (cost.max === undefined || pricePerReplica === undefined || !(pricePerReplica > 0)) return undefined;
  return Math.floor(finite((cost.max - besides) / pricePerReplica + 1e-9, MOST_REPLICAS, 0, MOST_REPLICAS));
}

function shortOf(s: ReplicaSituation, count: number, reasons: readonly Reason[]): Short | undefined {
  const wanted = Math.max(s.wants.present, s.wants.trigger > s.effective ? Math.max(s.wants.trigger, s.wants.grow) : 0);
  if (count >= wanted) return undefined;
  const cutters = ["bounds", "pin", "budget", "freeze", "window", "cooldown", "step"];
  const by = reasons.findLast((reason) => cutters.includes(reason.kind) && (reason.to ?? 0) < (reason.from ?? 0));
  if (by === undefined) return undefined;
  return { wanted, granted: count, by: by.kind, rescue: count < s.wants.present };
}

/** Keeps of the release wants of the last cool-downs those that are greater than every later one: only they can decide. */
function remember({ memory, now, wants, constraints }: ReplicaSituation): DecisionMemory {
  const hold = UNFORESEEN_HOLDS * finite(constraints.change.cooldown.in, 600, 0, 86_400);
  const replicas = Math.max(wants.trigger, wants.release);
  const kept = memory.releases.filter((r) => r.at > now - hold && r.at < now && r.replicas > replicas);
  return { releases: [...kept, { at: now, replicas }].slice(-1024) };
}

function within(last: number | undefined, now: number, seconds: number): boolean {
  return last !== undefined && now - last < finite(seconds, 0, 0, 30 * 86_400);
}
