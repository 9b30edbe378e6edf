import { type Capacity, replicasAt } from "../../model/capacity.ts";
import type { Constraints } from "../../model/constraints.ts";
import { SERIES, type SeriesName } from "../../model/dimension.ts";
import { InputError } from "../../model/input-error.ts";
import { formatInstant } from "../../model/instant.ts";
import type { Reason } from "../../model/reason.ts";
import type { Forecast, ForecasterFactory, SeriesForecaster } from "../forecast/forecast.port.ts";
import type { DecideInput, DecisionMemory, PastAction, PlanOptions } from "../orchestrator/decide.port.ts";
import { decide } from "../orchestrator/decide.ts";
import { decisionHorizons, decisionLevels, decisiveLevels, decisiveTicks } from "../orchestrator/horizons.ts";
import { replicasNeeded, type Serving, servings } from "../orchestrator/need.ts";
import { horizontalPodAutoscaler, type Rule } from "./rules.ts";
import { type ReplaySummary, Score } from "./score.ts";
import { SimulatedPool } from "./simulated-pool.ts";
import { TargetTracking } from "./target-tracking.ts";
import type { Trace } from "./trace.ts";

/** How a native autoscaler keeps a utilisation: as a cloud's target tracking does, or as Kubernetes' HorizontalPodAutoscaler. */
export const NATIVE_RULES = ["target-tracking", "hpa"] as const;
export type NativeRule = (typeof NATIVE_RULES)[number];

export interface ReplayOptions {
  readonly trace: Trace;
  /** What is asked for when the run begins. `owns` says whether counts are decided or floors planned. */
  readonly capacity: Capacity;
  readonly constraints: Constraints;
  /** Seconds from asking for a replica to its being ready. */
  readonly startDelay: number;
  /** Epoch seconds at which the run begins; what lies before is history. */
  readonly from: number;
  /** Share of violation ticks, instead of that of the constraints. */
  readonly violation?: number;
  /** How forecasters are made; without it only present demand counts: the reactive-only counterfactual. */
  readonly forecaster?: ForecasterFactory;
  /** With `owns: floor`: the utilisation that the native autoscaler tracks, and how. */
  readonly nativeUtilisation?: number;
  readonly nativeRule?: NativeRule;
  /** Seconds of the daily season. */
  readonly season?: number;
  /** With `owns: floor`: how the plan is made. */
  readonly plan?: PlanOptions;
  readonly workload?: string;
}

/** What happened in one tick, and what was decided at its end. */
export interface ReplayLine {
  /** Epoch seconds at which the tick begins. */
  readonly timestamp: number;
  /** By series; `null` where it was not measured. */
  readonly demand: Partial<Record<SeriesName, number | null>>;
  /** Replicas that served in this tick, and those that were starting. */
  readonly ready: number;
  readonly pending: number;
  /** Replicas asked for at the end of the tick. */
  readonly target: number;
  /** Replicas that this tick's demand needed; `null` where it was not measured. */
  readonly need: number | null;
  readonly reasons: readonly { readonly kind: Reason["kind"]; readonly text: string }[];
}

const DAY = 86_400;
/** Floors of the next day in steps of five minutes, published once an hour, in as many steps as AWS takes. */
export const HOURLY_PLAN: PlanOptions = { horizon: DAY, granularity: 300, interval: 3600, maxSteps: 125 };
const NATIVE_UTILISATION = 0.7;

/**
 * The engine's forecast and decide over a recorded trace with a simulated clock and infrastructure. Yields a line a tick from `from` on and
 * returns the summary. At the end of each tick it has seen that tick and none after it; what it asks for then serves one start delay later,
 * and what it releases goes at once. With `owns: floor` the floors act on a native autoscaler inside floor and ceiling.
 *
 * @throws InputError where trace, capacity and options do not fit together
 */
export function* replay(options: ReplayOptions): Generator<ReplayLine, ReplaySummary> {
  const { trace, startDelay, season = DAY } = options;
  const constraints = replayed(options.constraints, options.violation);
  const { step, startsAt } = trace;
  const first = firstTick(options);
  const plan = options.capacity.owns === "floor" ? (options.plan ?? HOURLY_PLAN) : options.plan;
  const delay = Math.ceil(startDelay / step - 1e-9);

  const followed = servings(options.capacity, constraints).filter(({ series }) => trace.series.has(series));
  const out = followed.filter(({ scales }) => scales === "out");
  if (out.length === 0) throw noFigure(options);
  const horizons = decisionHorizons(step, startDelay, constraints, plan);
  if (options.forecaster !== undefined) requireForecastable(trace, season, horizons[horizons.length - 1]);
  const unmeasured = SERIES.filter((series) => !trace.series.has(series));
  const forecasters = new Map<SeriesName, SeriesForecaster>();
  if (options.forecaster !== undefined)
    for (const { series } of followed)
      forecasters.set(
        series,
        options.forecaster({
          series,
          step,
          season,
          levels: decisionLevels(constraints, plan),
          horizons,
          decisiveWithin: decisiveTicks(step, startDelay, constraints, plan),
          decisiveLevels: decisiveLevels(constraints, plan),
          tier: "fast",
          seed: 1,
          startsAt,
        }),
      );
  for (const [series, forecaster] of forecasters)
    for (let tick = 0; tick < first; tick++) forecaster.update(trace.series.get(series)![tick]);

  const floors = options.capacity.owns === "floor";
  const least = Math.max(1, constraints.availability.replicas.min);
  let capacity = options.capacity;
  let memory: DecisionMemory | undefined;
  let actions: readonly PastAction[] = [];
  let [changes, nativeChanges] = [0, 0];
  const pool = new SimulatedPool(replicasAt(capacity, startsAt + first * step), delay);
  const native = nativeOf(options, step);
  const score = new Score(delay, least);

  for (let tick = first; tick < trace.ticks; tick++) {
    pool.beginTick(tick);
    const now = startsAt + (tick + 1) * step;
    const demand: Partial<Record<SeriesName, number | null>> = {};
    const present: DecideInput["demand"] = {};
    const forecasts: Partial<Record<SeriesName, Forecast>> = {};
    for (const { series } of followed) {
      const value = trace.series.get(series)![tick];
      demand[series] = Number.isNaN(value) ? null : value;
      if (!Number.isNaN(value)) present[series] = { value, at: now, censored: false };
      const forecaster = forecasters.get(series);
      if (forecaster === undefined) continue;
      forecaster.update(value);
      // Between two publications of a plan nothing reads a forecast.
      if (!floors || isPlanDue(actions, now, plan)) forecasts[series] = forecaster.forecast();
    }
    const need = needOf(out, trace, tick, least);
    const { ready, pending } = pool;
    score.tick(need, ready, pending);
    for (const { series, capacity: figure } of out)
      score.served(series, trace.series.get(series)![tick], figure * ready);

    const decision = decide({
      workload: options.workload ?? "replay",
      now,
      step,
      mode: "auto",
      forecasts,
      demand: present,
      unmeasured,
      fixedPerReplica: { memory: 0 },
      health: { known: ready, reporting: ready, warming: 0, stale: false },
      capacity,
      ready,
      pending: pool.underWay().map(({ replicas, askedIn }) => ({
        replicas,
        since: startsAt + (askedIn + 1) * step,
        kind: "out" as const,
      })),
      lastActions: actions,
      leadTime: leadTimes(startDelay, delay * step),
      constraints,
      holds: { pins: [] },
      memory,
      plan,
    });
    memory = decision.memory;
    const asked = replicasAt(capacity, now);
    capacity = decision.automatic;
    const wanted = replicasAt(capacity, now);
    const current = ready + pending;
    let target = wanted;
    if (floors) {
      if (decision.changed) changes++;
      if (isPlanDue(actions, now, plan)) actions = [{ at: now, direction: "plan" }];
      target = withinBounds(native(tick, loadOf(out, trace, tick), current), wanted, capacity);
      if (target !== current) nativeChanges++;
    } else if (wanted !== asked || target !== current) {
      changes++;
      actions = remembered(actions, now, target > current ? "out" : "in");
    }
    pool.ask(target, tick);
    yield {
      timestamp: startsAt + tick * step,
      demand,
      ready,
      pending,
      target,
      need: Number.isNaN(need) ? null : need,
      reasons: decision.reasons.map(({ kind, text }) => ({ kind, text })),
    };
  }
  return score.summary(changes, floors ? nativeChanges : undefined);
}

function nativeOf({ nativeUtilisation = NATIVE_UTILISATION, nativeRule }: ReplayOptions, step: number): Rule {
  if (nativeRule === "hpa") return horizontalPodAutoscaler(nativeUtilisation, step);
  const tracking = new TargetTracking(nativeUtilisation, step);
  return (_, load, current) => tracking.target(load, current);
}

/** Runs a replay to its end without keeping its lines. */
export function replaySummary(options: ReplayOptions): ReplaySummary {
  const run = replay(options);
  for (;;) {
    const { done, value } = run.next();
    if (done) return value;
  }
}

/** The constraints as a replay takes them: numbers of replicas are simulated, sizes stay as they are in the file. */
function replayed(constraints: Constraints, violation = constraints.performance.violation): Constraints {
  return {
    ...constraints,
    performance: { ...constraints.performance, violation },
    change: { ...constraints.change, vertical: "none" },
  };
}

function firstTick({ trace, from }: ReplayOptions): number {
  const { startsAt, step, ticks } = trace;
  const first = Math.ceil((from - startsAt) / step - 1e-9);
  if (first >= 0 && first < ticks) return first;
  const last = formatInstant(startsAt + (ticks - 1) * step);
  throw new InputError("--from", [
    {
      path: "",
      expected: `an instant from ${formatInstant(startsAt)} to ${last}, where the trace lies`,
      found: formatInstant(from),
    },
  ]);
}

/** What a forecaster takes: at least four whole ticks a season, and to look ahead seven seasons at most. */
function requireForecastable({ step }: Trace, season: number, furthest: number): void {
  const ticks = season / step;
  if (!(ticks >= 4 && ticks <= 100_000 && Math.abs(ticks - Math.round(ticks)) < 1e-9 * ticks))
    throw new InputError("the trace", [
      {
        path: "timestamp",
        expected: `steps that divide the season of ${season} s into 4 to 100000 whole ticks (another season: --season; without forecasts: --reactive)`,
        found: `${step} s`,
      },
    ]);
  if (furthest > 7 * Math.round(ticks))
    throw new InputError("--start-delay", [
      {
        path: "",
        expected: `a start delay and a cool-down that let decisions look at most seven seasons ahead (${7 * Math.round(ticks)} ticks)`,
        found: `${furthest} ticks`,
      },
    ]);
}

function noFigure({ trace, constraints }: ReplayOptions): InputError {
  const series = [...trace.series.keys()].join(", ");
  const scales = JSON.stringify(constraints.scales);
  return new InputError("the capacity file", [
    {
      path: "perReplica",
      expected: `a figure for a series of the trace (${series}) whose dimension scales out`,
      found: `none; the constraints say scales: ${scales}`,
    },
  ]);
}

/** Replicas that a tick's demand needs; NaN when nothing of it was measured. */
function needOf(out: readonly Serving[], trace: Trace, tick: number, least: number): number {
  let need = Number.NaN;
  for (const serving of out) {
    const value = trace.series.get(serving.series)![tick];
    if (Number.isNaN(value)) continue;
    need = Math.max(Number.isNaN(need) ? Math.min(1, least) : need, replicasNeeded(value, serving));
  }
  return need;
}

/** Demand in full replicas, of the series that fills most of them. */
function loadOf(out: readonly Serving[], trace: Trace, tick: number): number {
  let load = Number.NaN;
  for (const { series, capacity } of out) {
    const value = trace.series.get(series)![tick] / capacity;
    if (!Number.isNaN(value)) load = Number.isNaN(load) ? value : Math.max(load, value);
  }
  return load;
}

function withinBounds(target: number, floor: number, { replicas }: Capacity): number {
  return Math.max(floor, "ceiling" in replicas ? Math.min(replicas.ceiling, target) : target);
}

function isPlanDue(actions: readonly PastAction[], now: number, plan: PlanOptions | undefined): boolean {
  if (plan === undefined) return false;
  return !actions.some(({ direction, at }) => direction === "plan" && now - at < plan.interval);
}

function remembered(actions: readonly PastAction[], at: number, direction: "in" | "out"): PastAction[] {
  return [...actions.filter((action) => action.direction !== direction), { at, direction }];
}

function leadTimes(startDelay: number, latest: number): DecideInput["leadTime"] {
  const none = { p95: 0, p99: 0 };
  return { out: { p95: startDelay, p99: latest }, in: none, vertical: none };
}
