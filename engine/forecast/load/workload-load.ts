import type { SeriesName } from "../../../model/dimension.ts";
import type { Forecast } from "../forecast.port.ts";
import { type CostEstimate, CostModel } from "./cost-model.ts";
import { forecastByLoad } from "./forecast-by-load.ts";
import { LoadTrial } from "./load-trial.ts";

/** Signals that say how much a workload has to do. */
export const LOAD_SIGNALS = ["requests", "concurrency", "backlog"] as const;
export type LoadSignal = (typeof LOAD_SIGNALS)[number];

/** What load may drive; storage only grows, and requests are load themselves. */
const DRIVEN = ["cpu", "memory", "disk", "network"] as const satisfies readonly SeriesName[];
export type Driven = (typeof DRIVEN)[number];

/** Greatest error of a cost that is relied on. What memory holds is seldom in proportion to load, so that more is asked of it. */
const MOST_ERROR: Record<Driven, number> = { cpu: 0.25, memory: 0.1, disk: 0.25, network: 0.25 };

/** A tick of a workload as it was measured. */
export interface LoadTick {
  readonly demand: ReadonlyMap<SeriesName, number>;
  readonly loads: Partial<Record<LoadSignal, number>>;
  /** Replicas that shared the load. */
  readonly replicas: number;
  /** Forecasts issued at its end. */
  readonly forecasts: Partial<Record<SeriesName, Forecast>>;
}

/** What is known of how one series follows load. */
export interface LearntCost {
  readonly series: Driven;
  readonly signal: LoadSignal;
  readonly estimate: CostEstimate;
}

export interface LoadOptions {
  /** Ticks. */
  readonly season: number;
  readonly levels: readonly number[];
  /** Ticks ahead at which forecasts are compared. */
  readonly ahead: number;
}

const VERSION = 2;

/**
 * How the demand of a workload follows its load: a cost for each series and signal, and whether load times cost forecasts a series better
 * than its own past does.
 */
export class WorkloadLoad {
  private readonly options: LoadOptions;
  private readonly models = new Map<string, CostModel>();
  private readonly trials = new Map<Driven, LoadTrial>();

  constructor(options: LoadOptions) {
    this.options = options;
  }

  /** @returns the costs that could be relied on and were just found to have changed at once, as a release changes them */
  update({ demand, loads, replicas, forecasts }: LoadTick): LearntCost[] {
    const changed: LearntCost[] = [];
    for (const signal of LOAD_SIGNALS) {
      const load = loads[signal];
      if (load === undefined && !this.models.has(`cpu ${signal}`)) continue;
      for (const series of DRIVEN) {
        const key = `${series} ${signal}`;
        const value = demand.get(series);
        if (value === undefined && !this.models.has(key)) continue;
        let model = this.models.get(key);
        if (model === undefined) {
          model = new CostModel(this.options.season);
          this.models.set(key, model);
        }
        const known = model.usualShare <= MOST_ERROR[series];
        if (!model.update(value ?? Number.NaN, load ?? Number.NaN, replicas) || !known) continue;
        const estimate = model.estimate();
        if (estimate !== undefined && reliable(series, estimate)) changed.push({ series, signal, estimate });
      }
    }
    for (const series of DRIVEN) this.compare(series, demand.get(series), replicas, forecasts);
    return changed;
  }

  private compare(
    series: Driven,
    value: number | undefined,
    replicas: number,
    forecasts: Partial<Record<SeriesName, Forecast>>,
  ): void {
    const own = forecasts[series];
    const byLoad = this.byLoad(series, replicas, forecasts.requests);
    if (own === undefined || (byLoad === undefined && !this.trials.has(series))) return;
    let trial = this.trials.get(series);
    if (trial === undefined) {
      const { levels, ahead, season } = this.options;
      trial = new LoadTrial(levels, ahead, season);
      this.trials.set(series, trial);
    }
    trial.update(value ?? Number.NaN, own, byLoad);
  }

  private byLoad(series: Driven, replicas: number, requests: Forecast | undefined): Forecast | undefined {
    const model = this.models.get(`${series} requests`);
    const estimate = model?.estimate();
    if (model === undefined || estimate === undefined || requests === undefined) return undefined;
    if (!reliable(series, estimate) || !(estimate.perLoad > 0) || !(replicas >= 0)) return undefined;
    const cost = { ...estimate, error: model.usualError, difference: model.difference };
    return forecastByLoad(series, requests, cost, replicas, this.options.season);
  }

  /** The forecast of a series by load, where that has been better than its own; `replicas` are those that serve. */
  better(series: SeriesName, replicas: number, requests: Forecast | undefined): Forecast | undefined {
    const trial = this.trials.get(series as Driven);
    if (trial?.better !== true) return undefined;
    const forecast = this.byLoad(series as Driven, replicas, requests);
    if (forecast === undefined) return undefined;
    const { evidence } = forecast;
    const advantage = `by requests × cost, ${Math.round(100 * (1 - trial.ratio))} % less loss than by its own past`;
    return { ...forecast, evidence: { ...evidence, reason: `${advantage}; requests: ${evidence.reason}` } };
  }

  /** The best cost of each series that can be relied on, by error. */
  costs(): LearntCost[] {
    return DRIVEN.flatMap((series) => {
      const known = LOAD_SIGNALS.flatMap((signal) => {
        const estimate = this.models.get(`${series} ${signal}`)?.estimate();
        return estimate === undefined || !reliable(series, estimate) ? [] : [{ series, signal, estimate }];
      });
      return known.sort((a, b) => a.estimate.error - b.estimate.error).slice(0, 1);
    });
  }

  /** The part of demand per replica, for the series of which it is known: the least that it can be, so that nothing is released for it. */
  fixedPerReplica(): Partial<Record<SeriesName, number>> {
    const known = this.costs().filter(({ estimate }) => estimate.identified && estimate.perLoad > 0);
    return Object.fromEntries(known.map(({ series, estimate }) => [series, estimate.perReplicaLow]));
  }

  snapshot(): unknown {
    return {
      version: VERSION,
      options: this.options,
      models: [...this.models].map(([key, model]) => [key, model.snapshot()]),
      trials: [...this.trials].map(([series, trial]) => [series, trial.snapshot()]),
    };
  }

  /** Takes over a state. Throws where it was made by other options or another version. */
  restore(state: unknown): void {
    const s = state as {
      version: number;
      options: LoadOptions;
      models: [string, unknown][];
      trials: [Driven, unknown][];
    };
    if (s.version !== VERSION || s.options.season !== this.options.season)
      throw new RangeError("the state of the load's costs was made by other options or another version");
    for (const [key, state] of s.models) {
      const model = new CostModel(this.options.season);
      model.restore(state);
      this.models.set(key, model);
    }
    // Forecasts of another horizon are compared anew; what load costs stays known.
    if (JSON.stringify(s.options) !== JSON.stringify(this.options)) return;
    for (const [series, state] of s.trials) {
      const { levels, ahead, season } = this.options;
      const trial = new LoadTrial(levels, ahead, season);
      trial.restore(state);
      this.trials.set(series, trial);
    }
  }
}

function reliable(series: Driven, { error }: CostEstimate): boolean {
  return error <= MOST_ERROR[series];
}
