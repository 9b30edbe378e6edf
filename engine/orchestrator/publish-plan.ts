import { baseReplicas, type Capacity, type PlanStep, replicasAt } from "../../model/capacity.ts";
import type { SeriesName } from "../../model/dimension.ts";
import type { Reason } from "../../model/reason.ts";
import type { DecideInput } from "./decide.port.ts";
import { finite, MOST_REPLICAS } from "./finite.ts";
import type { Serving } from "./need.ts";
import type { Outlook } from "./outlook.ts";
import { type Plan, planReplicas } from "./plan.ts";
import { soundLaxity } from "./plan-calibration.ts";
import { planLevelFor } from "./policy.ts";
import { constrain, limits, type ReplicaSituation } from "./replicas.ts";

export interface Publication {
  readonly input: DecideInput;
  readonly situation: ReplicaSituation;
  /** The number of replicas that was decided for now. */
  readonly count: number;
  /** The capacity with its sizes decided. */
  readonly capacity: Capacity;
  readonly served: readonly Serving[];
  /** Of the series whose forecasts are trusted. */
  readonly outlooks: ReadonlyMap<SeriesName, Outlook>;
}

/**
 * Writes what was decided into a capacity with `owns: desired`: the count when it changes, and with it or once an interval the plan,
 * where one is wanted.
 */
export function publishCount(p: Publication, reasons: Reason[]): Capacity {
  const { capacity, count, situation } = p;
  const { now, asked } = situation;
  const ahead = held(p, inside(situation, stepsAfter(capacity, now)));
  const plan = isDue(p) || (count !== asked && p.input.plan !== undefined) ? makePlan(p) : undefined;
  if (plan === undefined) {
    if (count === asked && sameSteps(ahead, stepsAfter(capacity, now)) && !hidesWrong(p)) return capacity;
    return { ...capacity, replicas: { count }, plan: ahead };
  }
  const { horizon, granularity } = p.input.plan!;
  // With the engine gone the last step stays for good: it has to be one that serves the busiest time.
  const end = Math.ceil((now + horizon) / granularity) * granularity;
  const busiest = plan.steps.reduce((most, { floor }) => Math.max(most, floor), count);
  const steps = held(p, [...plan.steps.filter(({ at }) => at < end && at > now), { at: end, floor: busiest }]);
  if (count === asked && sameSteps(steps, ahead) && !hidesWrong(p)) return capacity;
  reasons.push({
    kind: "plan",
    to: busiest,
    text: `counts of the next hours, ${steps.length} steps, at most ${busiest}`,
  });
  return { ...capacity, replicas: { count }, plan: steps };
}

/**
 * Writes floors into a capacity with `owns: floor`: all of them once an interval. Between two publications the native autoscaler
 * reacts, and only availability, a bound or a pin moves the floor.
 */
export function publishFloors(p: Publication, reasons: Reason[]): Capacity {
  const { capacity, situation } = p;
  const { now, asked } = situation;
  if (!("ceiling" in capacity.replicas)) return capacity;
  const { most } = limits(situation);
  const plan = isDue(p) ? endingLow(makePlan(p), p) : undefined;
  const was = stepsAfter(capacity, now);
  const floor = constrain(situation, plan?.now ?? asked, reasons);
  const ahead = plan?.steps.filter(({ at }) => at > now) ?? was;
  const steps = held(p, inside(situation, ahead));
  const highest = steps.reduce((top, step) => Math.max(top, step.floor), floor);
  // The ceiling stays where a person put it, unless a floor needs more or a bound allows less.
  const ceiling = Math.max(floor, Math.min(Math.max(capacity.replicas.ceiling, highest), most));
  if (floor === asked && ceiling === capacity.replicas.ceiling && sameSteps(steps, was) && !hidesWrong(p))
    return capacity;
  if (plan !== undefined)
    reasons.push({
      kind: "plan",
      from: asked,
      to: floor,
      text: `floors of the next hours, ${steps.length} steps, at most ${highest}`,
    });
  return { ...capacity, replicas: { floor, ceiling }, plan: steps };
}

/**
 * With floors a plan that nothing follows ends with what its quietest hour needs: demand of another day is not known, and the native
 * autoscaler goes on.
 */
function endingLow(plan: Plan | undefined, { input, situation: { now } }: Publication): Plan | undefined {
  if (plan === undefined) return undefined;
  const { horizon, granularity } = input.plan!;
  const end = Math.ceil((now + horizon) / granularity) * granularity;
  const quietest = plan.steps.reduce((least, { floor }) => Math.min(least, floor), plan.now);
  const steps = plan.steps.filter(({ at }) => at < end);
  const last = steps.length === 0 ? plan.now : steps[steps.length - 1].floor;
  return { ...plan, steps: last === quietest ? steps : [...steps, { at: end, floor: quietest }] };
}

/** The steps with floors that budget, availability, pins and bounds allow. */
function inside(situation: ReplicaSituation, steps: readonly PlanStep[]): PlanStep[] {
  const { least, most } = limits(situation);
  return steps.map(({ at, floor }) => ({ at, floor: Math.min(most, Math.max(least, floor)) }));
}

function stepsAfter(capacity: Capacity, now: number): PlanStep[] {
  return capacity.plan.filter(({ at }) => at > now);
}

/**
 * The steps without what may not happen by itself now: while frozen, or where nothing may be released, none goes down; on bad telemetry
 * a count does not go down within the next ticks (a floor may: the native autoscaler has its own measurements).
 */
function held({ input, situation, count, capacity }: Publication, steps: readonly PlanStep[]): PlanStep[] {
  const { frozen, faults, now, asked, constraints } = situation;
  const always = frozen || constraints.availability.stateful === true;
  const soon =
    !always && faults.length > 0 && capacity.owns === "desired" ? now + 2 * finite(input.step, 60, 0, 86_400) : now;
  let least = Math.max(count, asked);
  return steps.filter((step) => {
    if (step.floor < least && (always || step.at <= soon)) return false;
    if (always || step.at <= soon) least = Math.max(least, step.floor);
    return true;
  });
}

function isDue({ input, situation }: Publication): boolean {
  if (input.plan === undefined) return false;
  const last = input.lastActions.reduce(
    (at, action) => (action.direction === "plan" ? Math.max(at, action.at) : at),
    Number.NEGATIVE_INFINITY,
  );
  return !(situation.now - last < input.plan.interval);
}

/**
 * A plan from the forecasts where they are trusted; of the time of which none is, it keeps what there was. None without a trusted forecast, none while frozen,
 * and on bad telemetry the last one stays.
 */
function makePlan({ input, situation, served, outlooks, capacity }: Publication): Plan | undefined {
  const { now, asked, frozen, faults, constraints } = situation;
  if (input.plan === undefined || frozen || faults.length > 0) return undefined;
  const sources = served.flatMap((serving) => {
    const forecast = input.forecasts[serving.series];
    if (serving.scales !== "out" || forecast === undefined || !outlooks.has(serving.series)) return [];
    // A plan releases by itself at its steps.
    if (forecast.evidence.scaleOutOnly === true) return [];
    return [{ forecast, serving, fixed: finite(input.fixedPerReplica?.[serving.series], 0, 0, Number.MAX_VALUE) }];
  });
  // Memory of which nothing is known to be driven by load adds no replicas.
  const usable = sources.filter(
    ({ serving }) => serving.series !== "memory" || input.fixedPerReplica?.memory !== undefined,
  );
  if (usable.length === 0) return undefined;
  return planReplicas({
    now,
    leadTime: finite(input.leadTime.out.p95, 300, 0, 86_400),
    sources: usable,
    replicas: Math.round(finite(input.ready, asked, 0, MOST_REPLICAS)),
    level: planLevelFor(constraints.performance.violation, soundLaxity(input.memory?.laxity)),
    constraints,
    options: input.plan,
    kept: (at) => replicasAt(capacity, at),
    ...limits(situation),
  });
}

/**
 * Whether the file holds figures that are not allowed and not in force: the base behind a step that has come, and earlier steps. What is in force
 * takes their place; a change that kept them would be refused.
 */
function hidesWrong({ capacity, situation }: Publication): boolean {
  const { now, frozen, faults } = situation;
  const past = capacity.plan.filter(({ at }) => at <= now);
  if (past.length === 0 || frozen || faults.length > 0) return false;
  const { least, most } = limits(situation);
  const hidden = [baseReplicas(capacity), ...past.slice(0, -1).map(({ floor }) => floor)];
  return hidden.some((replicas) => replicas < least || replicas > most);
}

function sameSteps(a: readonly PlanStep[], b: readonly PlanStep[]): boolean {
  return a.length === b.length && a.every((step, i) => step.at === b[i].at && step.floor === b[i].floor);
}
