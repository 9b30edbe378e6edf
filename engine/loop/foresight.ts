import type { SeriesName } from "../../model/dimension.ts";
import type { Reason } from "../../model/reason.ts";
import { formatShort } from "../../model/units.ts";
import { borrowedForecast, type Donor } from "../forecast/cold-start/borrowed-forecast.ts";
import { liftForecast } from "../forecast/events/lift.ts";
import type { Forecast } from "../forecast/forecast.port.ts";
import { type LearntCost, LOAD_SIGNALS, type LoadSignal, type WorkloadLoad } from "../forecast/load/workload-load.ts";
import { LEAST_HISTORY } from "../forecast/skill-rule.ts";
import { eventNotes } from "./event-notes.ts";
import type { Forecasting } from "./forecasting.ts";
import type { Situation } from "./situation.ts";

/** Ticks for which a change of cost is said again. */
const SAID = 60;

/** What was measured of the tick that has just ended. */
export interface Measured {
  /** End of the tick, and seconds that a decision looks ahead. */
  readonly at: number;
  readonly span: number;
  readonly replicas: number;
  /** Something is wrong with the workload: what load costs now teaches nothing. */
  readonly incident?: boolean;
  /** Named signals, summed over hosts. */
  readonly signals: ReadonlyMap<string, { readonly sum: number }>;
}

export interface Foresight extends Pick<Situation, "forecasts" | "notes" | "fixedPerReplica"> {
  /** Costs of load that were just found to have changed, in one sentence; it wants nobody. */
  readonly costsChanged: string | undefined;
}

/** A workload that another may borrow from while its own past is too short. */
export interface Lender {
  readonly workload: string;
  readonly forecasting: Forecasting;
}

/** What is foreseen of a workload, from its own past, planned events, its load and those it is like, and what is to be said of it. */
export function foresee(
  forecasting: Forecasting,
  load: WorkloadLoad,
  measured: Measured,
  lenders: readonly Lender[] = [],
): Foresight {
  const { at, span, replicas } = measured;
  const own = forecasting.forecasts();
  const last = (name: SeriesName) => forecasting.recent(name).at(-1) ?? Number.NaN;
  const present = (Object.keys(own) as SeriesName[]).filter((name) => !Number.isNaN(last(name)));
  const demand = new Map(present.map((name) => [name, last(name)]));
  const shared = measured.incident === true ? Number.NaN : replicas;
  const changed = load.update({ demand, loads: loadsOf(demand, measured), replicas: shared, forecasts: own });
  const forecasts: Partial<Record<SeriesName, Forecast>> = {};
  for (const [name, forecast] of Object.entries(own) as [SeriesName, Forecast][])
    forecasts[name] = load.better(name, replicas, own.requests) ?? borrowed(forecast, forecasting, lenders) ?? forecast;
  const costs = load.costs();
  return {
    forecasts,
    fixedPerReplica: load.fixedPerReplica(),
    notes: [
      ...coldStartNotes(own, forecasts),
      ...eventNotes(forecasts, at, at + span),
      ...costs.flatMap((cost) => costNotes(cost, at, forecasting.step)),
    ],
    costsChanged:
      changed.length === 0 ? undefined : changed.map((cost) => describeChange(cost, at, forecasting.step)).join("; "),
  };
}

/** From those it is like, while its own past is too short; with its own events. */
function borrowed(own: Forecast, forecasting: Forecasting, lenders: readonly Lender[]): Forecast | undefined {
  if (own.evidence.trusted || !isCold(own)) return undefined;
  const { series } = own;
  const donors = lenders.flatMap(({ workload, forecasting: other }): Donor[] => {
    const forecast = other.withoutEvents(series);
    return forecast === undefined ? [] : [{ workload, forecast, recent: other.recent(series) }];
  });
  const forecast = borrowedForecast(own, forecasting.recent(series), donors, forecasting.season);
  return forecast && liftForecast(forecast, forecasting.expectedEvents(series));
}

function isCold({ evidence }: Forecast): boolean {
  return evidence.historyDays < LEAST_HISTORY;
}

/** That the past is too short, and what decides instead. */
function coldStartNotes(
  own: Partial<Record<SeriesName, Forecast>>,
  acting: Partial<Record<SeriesName, Forecast>>,
): Reason[] {
  const cold = Object.values(own).filter(isCold);
  if (cold.length === 0) return [];
  const days = Math.min(...cold.map(({ evidence }) => evidence.historyDays));
  const names = cold.map(({ series }) => series).join(", ");
  const others = cold.flatMap(({ series }) => {
    const { evidence, model } = acting[series]!;
    if (!evidence.trusted) return [];
    return [`${series} ${model}${evidence.scaleOutOnly === true ? ", which may only add capacity" : ""}`];
  });
  const instead = others.length === 0 ? "present demand decides" : `besides present demand counts ${others.join("; ")}`;
  return [
    {
      kind: "cold-start",
      text: `cold start: ${days.toFixed(1)} of ${LEAST_HISTORY} days of history of ${names}; until then ${instead}`,
    },
  ];
}

function loadsOf(demand: ReadonlyMap<SeriesName, number>, { signals }: Measured): Partial<Record<LoadSignal, number>> {
  const loads: Partial<Record<LoadSignal, number>> = {};
  for (const signal of LOAD_SIGNALS) {
    const value =
      signal === "requests" ? (demand.get("requests") ?? signals.get(signal)?.sum) : signals.get(signal)?.sum;
    if (value !== undefined) loads[signal] = value;
  }
  return loads;
}

/** What is known of the cost of load, where a decision rests on it, and that it has changed lately. */
function costNotes(cost: LearntCost, at: number, step: number): Reason[] {
  const { series } = cost;
  const notes: Reason[] = [];
  if (cost.estimate.identified && cost.estimate.perLoad > 0)
    notes.push({ kind: "load", series, text: describeCost(cost) });
  if (cost.estimate.change !== undefined && cost.estimate.change.ticksAgo <= SAID)
    notes.push({ kind: "load", series, text: describeChange(cost, at, step) });
  return notes;
}

/** `cpu: 0.02 a unit of requests and at least 0.1 a replica whatever the load (3000 ticks, ± 4 %)`. */
export function describeCost({ series, signal, estimate }: LearntCost): string {
  const { perLoad, perReplicaLow, samples, error } = estimate;
  return `${series}: ${formatShort(perLoad)} a unit of ${signal} and at least ${formatShort(perReplicaLow)} a replica whatever the load (${samples} ticks, ± ${formatShort(100 * error)} %)`;
}

function describeChange({ series, signal, estimate: { change } }: LearntCost, at: number, step: number): string {
  const { ticksAgo, factor } = change ?? { ticksAgo: 0, factor: 1 };
  const since = `${new Date((at - (ticksAgo + 1) * step) * 1000).toISOString().slice(0, 16)}Z`;
  return `${series}: a unit of ${signal} costs × ${formatShort(factor)} since about ${since}, as after a release; learnt anew`;
}
