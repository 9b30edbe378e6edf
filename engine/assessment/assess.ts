import type { Capacity } from "../../model/capacity.ts";
import { type Constraints, parseConstraints } from "../../model/constraints.ts";
import { DIMENSION_OF, SERIES, type SeriesName } from "../../model/dimension.ts";
import { ForecastReader } from "../forecast/fleet/read-forecast.ts";
import { fleetShape } from "../forecast/fleet/shape.ts";
import { FleetShard } from "../forecast/fleet/shard.ts";
import { Tables } from "../forecast/fleet/tables.ts";
import type { ForecasterFactory } from "../forecast/forecast.port.ts";
import { decisiveLevels, decisiveTicks } from "../orchestrator/horizons.ts";
import { replicasNeeded } from "../orchestrator/need.ts";
import { type ReplayLine, replay } from "../replay/replay.ts";
import { type AssumedCapacity, assumedCapacity, quantile } from "./assumed-capacity.ts";
import { fittingConstraints } from "./fitting-constraints.ts";
import { Judged, type Predictability } from "./predictability.ts";
import type { RecordedWorkload } from "./recorded-workload.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

/** What a course of capacity came to over the judged time. */
export interface CourseSummary {
  /** Replica-hours, paid from launch. */
  readonly replicaHours: number;
  readonly violationTicks: number;
}

/** The courses that are set beside each other, on the demand that came. */
export interface Courses {
  /** What was there, as recorded or assumed. */
  readonly today: CourseSummary;
  /** The engine's decisions without a forecast. */
  readonly reactive: CourseSummary;
  readonly foreshadow: CourseSummary & { readonly actions: number };
  /** The least fixed number of replicas, chosen in hindsight, that violates no more often than Foreshadow. */
  readonly fixed: CourseSummary & { readonly replicas: number };
}

/** Replicas at the times of a chart: the greatest need within each of its points, and what was there at its end. */
export interface ChartPoints {
  /** Epoch seconds at which the first point begins, and seconds of one. */
  readonly from: number;
  readonly step: number;
  /** `null` where demand was not measured. */
  readonly need: readonly (number | null)[];
  readonly today: readonly number[];
  readonly reactive: readonly number[];
  readonly foreshadow: readonly number[];
}

export interface Assessment {
  readonly workload: string;
  readonly kind: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly verdict: Verdict;
  /** Epoch seconds: where the past begins, where the judged time begins, where both end. */
  readonly from: number;
  readonly judgedFrom: number;
  readonly to: number;
  /** Seconds a tick, and ticks that were judged. */
  readonly step: number;
  readonly judgedTicks: number;
  /** Absent where the past is too short, or has neither CPU nor requests. */
  readonly courses?: Courses;
  readonly chart?: ChartPoints;
  /** What capacity is judged by, and what was assumed. */
  readonly capacity?: Pick<AssumedCapacity, "series" | "perReplica" | "basis" | "guessed">;
  readonly predictability: readonly Predictability[];
  readonly notes: readonly string[];
  /** The constraints that were replayed, as a file. */
  readonly constraints: string;
}

export interface AssessOptions {
  /** Seconds from asking for a replica to its being ready. */
  readonly startDelay: number;
  /** Share of ticks that may be short. */
  readonly violation: number;
  readonly forecaster: ForecasterFactory;
}

const DAY = 86_400;
/** Less cannot be judged: a day to learn from, and a day to look at. */
const LEAST_DAYS = 2;
/** Points of a chart. */
const POINTS = 336;
/** Every how many ticks a series that drives nothing is asked for its forecast. */
const ASKED_EVERY = 3;

/**
 * Replays a workload's past through the engine's own forecast and decision and sets what came of it beside what was there and beside
 * reactive-only. The first half of the past, in whole days, is history alone. Pure; some tenths of a second for a fortnight of five minutes.
 */
export function assess(workload: RecordedWorkload, options: AssessOptions): Assessment {
  const { trace } = workload;
  const days = (trace.ticks * trace.step) / DAY;
  const first = Math.floor(Math.max(1, Math.floor(days / 2)) * (DAY / trace.step));
  const draft = parseConstraints("version: 1\n", "defaults");
  const capacity = assumedCapacity(workload, draft.performance.utilisation.cpu);
  const greatest = capacity === undefined ? 1 : greatestNeed(capacity, workload, draft);
  const constraints = fittingConstraints(workload, capacity, greatest, options.violation);
  const common = {
    workload: workload.name,
    kind: workload.kind,
    ...(workload.labels && { labels: workload.labels }),
    from: trace.startsAt,
    to: trace.startsAt + trace.ticks * trace.step,
    step: trace.step,
    notes: [...workload.notes, ...notesOn(workload)],
    constraints,
    ...(capacity && { capacity: { ...capacity, today: undefined } }),
  };
  if (days < LEAST_DAYS || capacity === undefined) {
    const missing =
      capacity === undefined
        ? "neither CPU nor requests were recorded: nothing says how many replicas are needed"
        : `${days.toFixed(1)} days are recorded; ${LEAST_DAYS} are the least, and a week is better`;
    return {
      ...common,
      judgedFrom: trace.startsAt,
      judgedTicks: 0,
      predictability: [],
      verdict: { worth: "cannot tell", reasons: [missing] },
    };
  }
  const parsed = parseConstraints(constraints, "proposed");
  const { courses, chart, driving } = replayed(workload, capacity, parsed, first, options);
  const others = SERIES.filter((series) => series !== capacity.series && trace.series.has(series));
  const predictability = [driving, ...beside(workload, others, parsed, first, options.startDelay)];
  return {
    ...common,
    judgedFrom: trace.startsAt + first * trace.step,
    judgedTicks: trace.ticks - first,
    courses,
    chart,
    predictability,
    verdict: verdictOf({ courses, driving, days, greatest, ticks: trace.ticks - first, violation: options.violation }),
  };
}

/** Replicas that the greatest demand of the whole past needs. */
function greatestNeed(
  { series, perReplica }: AssumedCapacity,
  { trace }: RecordedWorkload,
  { performance }: Constraints,
): number {
  const utilisation = performance.utilisation[DIMENSION_OF[series]];
  const greatest = quantile(trace.series.get(series)!, 1);
  return Math.max(1, replicasNeeded(greatest, { capacity: perReplica, utilisation }));
}

function replayed(
  { trace, name }: RecordedWorkload,
  { series, perReplica, today }: AssumedCapacity,
  constraints: Constraints,
  first: number,
  { startDelay, forecaster }: AssessOptions,
) {
  const capacity: Capacity = {
    owns: "desired",
    replicas: { count: Math.max(1, today[first]) },
    plan: [],
    perReplica: { [series]: perReplica },
    storage: {},
    network: {},
  };
  const values = trace.series.get(series)!;
  const judged = new Judged(leadTicks(trace.step, startDelay), first);
  const run = (create?: ForecasterFactory) =>
    drawn(
      replay({
        trace: { ...trace, series: new Map([[series, values]]) },
        capacity,
        constraints,
        startDelay,
        from: trace.startsAt + first * trace.step,
        workload: name,
        forecaster: create,
      }),
      trace.step,
    );
  const reactive = run();
  const foreshadow = run(judged.listenTo(forecaster));
  const needs = foreshadow.needs;
  const hours = trace.step / 3600;
  const there = today.subarray(first);
  const fixed = leastFixed(needs, foreshadow.summary.violationTicks);
  const courses: Courses = {
    today: {
      replicaHours: there.reduce((sum, count) => sum + count, 0) * hours,
      violationTicks: needs.reduce((sum, need, tick) => sum + (need > there[tick] ? 1 : 0), 0),
    },
    reactive: reactive.summary,
    foreshadow: foreshadow.summary,
    fixed: {
      replicas: fixed,
      replicaHours: fixed * needs.length * hours,
      violationTicks: needs.reduce((sum, need) => sum + (need > fixed ? 1 : 0), 0),
    },
  };
  const width = Math.max(1, Math.ceil(needs.length / POINTS));
  const chart: ChartPoints = {
    from: trace.startsAt + first * trace.step,
    step: width * trace.step,
    need: pointsOf(needs, width).map((need) => (Number.isNaN(need) ? null : need)),
    today: pointsOf(there, width),
    reactive: pointsOf(reactive.replicas, width),
    foreshadow: pointsOf(foreshadow.replicas, width),
  };
  return { courses, chart, driving: judged.judgement(series, values) };
}

/** A run to its end: needs and replicas by tick, and what it came to. */
function drawn(run: ReturnType<typeof replay>, step: number) {
  const [needs, replicas]: number[][] = [[], []];
  for (;;) {
    const { done, value } = run.next();
    if (done) {
      const { violationTicks, cost, actions } = value;
      const summary = { replicaHours: (cost * step) / 3600, violationTicks, actions };
      return { needs: Float64Array.from(needs), replicas: Float64Array.from(replicas), summary };
    }
    const { need, ready, pending }: ReplayLine = value;
    needs.push(need ?? Number.NaN);
    replicas.push(ready + pending);
  }
}

/** The least number of replicas that is short in no more ticks than allowed. */
function leastFixed(needs: Float64Array, allowed: number): number {
  const sorted = needs.filter((need) => !Number.isNaN(need)).sort();
  return Math.max(1, sorted[Math.max(0, sorted.length - 1 - allowed)] ?? 1);
}

function pointsOf(values: Float64Array, width: number): number[] {
  return Array.from({ length: Math.ceil(values.length / width) }, (_, i) => {
    const part = values.subarray(i * width, (i + 1) * width).filter((value) => !Number.isNaN(value));
    return part.length === 0 ? Number.NaN : part.reduce((most, value) => Math.max(most, value));
  });
}

/** Series that drive no replicas: how well they can be forecast, by what forecasts them in a large fleet at the least cost. */
function beside(
  { trace }: RecordedWorkload,
  names: readonly SeriesName[],
  constraints: Constraints,
  first: number,
  startDelay: number,
): Predictability[] {
  const { step, startsAt, ticks } = trace;
  const shape = fleetShape(step, DAY);
  const shard = new FleetShard(shape, new Tables(Math.max(1, names.length)), "fast");
  const ahead = leadTicks(step, startDelay);
  const reader = new ForecastReader(shape, { levels: [], horizons: [ahead] });
  const series = names.map((name) => ({ name, values: trace.series.get(name)!, judged: new Judged(ahead, first) }));
  for (const column of series.keys())
    shard.judge(column, decisiveTicks(step, startDelay, constraints), decisiveLevels(constraints));
  const begin = Math.round(startsAt / step);
  const present = new Float64Array(series.length);
  for (let tick = 0; tick < ticks; tick++) {
    for (const [column, { values, judged }] of series.entries()) {
      present[column] = values[tick];
      judged.come(values[tick]);
    }
    shard.step(begin + tick, present, 0, series.length);
    if (tick < first || tick % ASKED_EVERY !== 0) continue;
    for (const [column, { name, judged }] of series.entries())
      judged.say(reader.read(shard, column, begin + tick, name).point[0]);
  }
  return series.map(({ name, values, judged }, column) => judged.judgement(name, values, shard.evidence(column)));
}

function leadTicks(step: number, startDelay: number): number {
  return Math.max(1, Math.ceil(startDelay / step - 1e-9)) + 1;
}

function notesOn({ throttled }: RecordedWorkload): string[] {
  if (throttled < 0.01) return [];
  return [
    `a quota held CPU back in ${Math.round(100 * throttled)} % of the ticks: demand was greater than what is seen`,
  ];
}
