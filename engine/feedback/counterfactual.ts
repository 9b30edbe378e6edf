import { baseReplicas, type Capacity } from "../../model/capacity.ts";
import type { Constraints } from "../../model/constraints.ts";
import type { SeriesName } from "../../model/dimension.ts";
import { servings } from "../orchestrator/need.ts";
import { type ReplayLine, replay } from "../replay/replay.ts";
import type { ReplaySummary } from "../replay/score.ts";
import { type Asked, type CameTick, type Course, course } from "./course.ts";

/** What was done, and what else could have been done, on the same demand, with the same lead time and the same rule for need. */
export interface Counterfactual {
  readonly acted: Course;
  /** The engine's own decisions without any forecast. */
  readonly reactive: Course;
  /** What was asked for before, left alone. */
  readonly nothing: Course;
  /** Ticks in which demand was measured. */
  readonly ticks: number;
  /** The greatest need that came. */
  readonly greatestNeed: number;
}

export interface CounterfactualOptions {
  /** Epoch seconds at which the first tick begins: an action's own instant. */
  readonly from: number;
  readonly step: number;
  /** Demand of the tick before `from`, then of the ticks from it on, by series; NaN where it was not measured. */
  readonly demand: ReadonlyMap<SeriesName, Float64Array>;
  /** What was asked for: the first is what was there. */
  readonly asked: readonly Asked[];
  readonly constraints: Constraints;
  /** Seconds from asking for a replica to its being ready. */
  readonly leadTime: number;
}

/**
 * Runs the three courses. A generator, so that whoever runs it can let others have a turn: it yields once a tick.
 *
 * @throws InputError where no series says how many replicas are needed
 */
export function* counterfactual(options: CounterfactualOptions): Generator<undefined, Counterfactual> {
  const { from, step, demand, asked, constraints, leadTime } = options;
  const before = asked[0].capacity;
  const lines: ReplayLine[] = [];
  const run = replay(replayOptions(options, before));
  for (;;) {
    const next: IteratorResult<ReplayLine, ReplaySummary> = run.next();
    if (next.done) break;
    lines.push(next.value);
    yield undefined;
  }
  // The first tick lies before: at its end the reactive rule decides, as was decided here.
  const own = lines.slice(1);
  const out = servings(before, constraints).filter(({ scales, series }) => scales === "out" && demand.has(series));
  const came: CameTick[] = own.map((line) => ({
    need: line.need ?? Number.NaN,
    load: out.reduce(
      (most, { series, capacity }) => greater(most, (line.demand[series] ?? Number.NaN) / capacity),
      Number.NaN,
    ),
  }));
  const delay = Math.ceil(leadTime / step - 1e-9);
  const simulate = (capacities: readonly Asked[]) => course(came, from, step, delay, capacities);
  const measured = came.filter(({ need }) => !Number.isNaN(need));
  return {
    acted: simulate(asked),
    // Between floors it is the native autoscaler that reacts, without a plan.
    reactive:
      before.owns === "floor" ? simulate([{ at: from, capacity: { ...before, plan: [] } }]) : reactiveCourse(own),
    nothing: simulate([asked[0]]),
    ticks: measured.length,
    greatestNeed: measured.reduce((most, { need }) => Math.max(most, need), 0),
  };
}

function replayOptions({ from, step, demand, constraints, leadTime }: CounterfactualOptions, before: Capacity) {
  const startsAt = from - step;
  const ticks = Math.max(...[...demand.values()].map(({ length }) => length));
  const trace = { startsAt, step, ticks, series: demand };
  const capacity: Capacity =
    before.owns === "floor" ? before : { ...before, plan: [], replicas: { count: countAt(before, from) } };
  return { trace, capacity, constraints, startDelay: leadTime, from: startsAt };
}

function countAt(capacity: Capacity, at: number): number {
  return capacity.plan.findLast((step) => step.at <= at)?.floor ?? baseReplicas(capacity);
}

function reactiveCourse(lines: readonly ReplayLine[]): Course {
  let [violationTicks, cost] = [0, 0];
  for (const { need, ready, pending } of lines) {
    if (need !== null && need > ready) violationTicks++;
    cost += ready + pending;
  }
  return { violationTicks, cost };
}

function greater(a: number, b: number): number {
  return Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.max(a, b);
}
