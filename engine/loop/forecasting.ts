import type { SeriesName } from "../../model/dimension.ts";
import { EventForecaster } from "../forecast/events/event-forecaster.ts";
import type { ExpectedEvent } from "../forecast/events/lift.ts";
import type { EventsBetween } from "../forecast/events/planned-events.port.ts";
import type {
  Forecast,
  ForecasterFactory,
  ForecasterOptions,
  ForecasterSnapshot,
  ForecastParts,
} from "../forecast/forecast.port.ts";
import type { UsageStore } from "../usage/usage-store.port.ts";

/** Seasons of the past that a forecaster starts with: a week for the weekly lags, and what calibration needs beside it. */
const HISTORY_SEASONS = 15;
/** Longest stretch that is read at once. */
const BATCH_TICKS = 5000;

export interface ForecastingOptions {
  readonly workload: string;
  readonly step: number;
  readonly season: number;
  readonly levels: readonly number[];
  readonly horizons: readonly number[];
  /** Ticks ahead within which a forecast has to prove itself before it acts. */
  readonly decisiveWithin: number;
  readonly tier: ForecasterOptions["tier"];
}

/** State of all forecasters of a workload, to go on from after a restart. */
export interface ForecastingSnapshot {
  readonly fedUntil: number;
  readonly series: Partial<Record<SeriesName, ForecasterSnapshot>>;
}

/** The forecasters of one workload, one a series, fed tick by tick from the usage store. */
export class Forecasting {
  readonly #options: ForecastingOptions;
  readonly #store: UsageStore;
  readonly #create: ForecasterFactory;
  readonly #events: EventsBetween;
  readonly #forecasters = new Map<SeriesName, EventForecaster>();
  /** End of the last tick that was fed, by series. */
  readonly #fedUntil = new Map<SeriesName, number>();
  /** The recent past, for people to look at. */
  readonly #recent = new Map<SeriesName, number[]>();

  /** @param events planned events of the workload; by default there are none */
  constructor(
    options: ForecastingOptions,
    store: UsageStore,
    create: ForecasterFactory,
    events: EventsBetween = () => [],
  ) {
    this.#options = options;
    this.#store = store;
    this.#create = create;
    this.#events = events;
  }

  /**
   * Feeds every tick that has ended by `until` and was not fed before. A tick without a sample is fed as the gap it is.
   *
   * @param until epoch seconds, the end of a tick
   */
  async catchUp(series: readonly SeriesName[], until: number): Promise<void> {
    const { step, workload } = this.#options;
    for (const name of series) {
      let from = this.#fedUntil.get(name) ?? (await this.#start(name, until));
      while (from < until) {
        const to = Math.min(until, from + BATCH_TICKS * step);
        const { values } = await this.#store.demand(workload, name, from, to, step);
        const forecaster = this.#forecaster(name, from);
        const recent = this.#recent.get(name) ?? [];
        for (const value of values) {
          forecaster.update(value);
          recent.push(value);
        }
        this.#recent.set(name, recent.slice(-Math.ceil((2 * this.#options.season) / step)));
        from = to;
        this.#fedUntil.set(name, from);
      }
    }
  }

  /** The first tick worth feeding: where the store's past begins, no earlier than the history that models use. */
  async #start(name: SeriesName, until: number): Promise<number> {
    const { step, season, workload } = this.#options;
    const earliest = until - Math.ceil((HISTORY_SEASONS * season) / step) * step;
    const coarse = Math.max(step, season / 24);
    const { values } = await this.#store.demand(workload, name, earliest, until, coarse);
    const first = values.findIndex((value) => !Number.isNaN(value));
    if (first < 0) return until;
    return Math.min(until, earliest + Math.floor((first * coarse) / step) * step);
  }

  #forecaster(name: SeriesName, startsAt: number): EventForecaster {
    const existing = this.#forecasters.get(name);
    if (existing) return existing;
    const { workload: _, ...options } = this.#options;
    const created = this.#make({ ...options, series: name, seed: 1, startsAt });
    this.#forecasters.set(name, created);
    return created;
  }

  #make(options: ForecasterOptions): EventForecaster {
    return new EventForecaster(this.#create(options), options, this.#events);
  }

  forecasts(): Partial<Record<SeriesName, Forecast>> {
    const result: Partial<Record<SeriesName, Forecast>> = {};
    for (const [name, forecaster] of this.#forecasters) if (forecaster.ticks > 0) result[name] = forecaster.forecast();
    return result;
  }

  /** The planned events within the horizon and what each does to a series, those of which nothing is known among them. */
  expectedEvents(name: SeriesName): readonly ExpectedEvent[] {
    return this.#forecasters.get(name)?.expected() ?? [];
  }

  /** What the forecast of a series is made of, so many ticks ahead each. @param level of the quantile that decides */
  explain(name: SeriesName, aheads: readonly number[], level: number): readonly ForecastParts[] {
    return this.#forecasters.get(name)?.explain(aheads, level) ?? [];
  }

  /** Values of the last ticks, oldest first. */
  recent(name: SeriesName): readonly number[] {
    return this.#recent.get(name) ?? [];
  }

  snapshot(): ForecastingSnapshot {
    const series: Partial<Record<SeriesName, ForecasterSnapshot>> = {};
    for (const [name, forecaster] of this.#forecasters) series[name] = forecaster.snapshot();
    return { fedUntil: Math.max(0, ...this.#fedUntil.values()), series };
  }

  /** Goes on from a snapshot where it fits; what does not fit is learnt again from the store. */
  restore(snapshot: ForecastingSnapshot): void {
    for (const [name, state] of Object.entries(snapshot.series) as [SeriesName, ForecasterSnapshot][]) {
      const { options } = state;
      try {
        const { levels, horizons, decisiveWithin } = this.#options;
        const forecaster = this.#make({ ...options, levels, horizons, decisiveWithin });
        forecaster.restore(state);
        this.#forecasters.set(name, forecaster);
        this.#fedUntil.set(name, snapshot.fedUntil);
      } catch {
        // Made by other settings or by another version: the store still has the past.
      }
    }
  }
}
