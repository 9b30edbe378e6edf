import type { SeriesName } from "../../model/dimension.ts";
import type { ForecastParts } from "../../model/forecast-parts.ts";
import type { SeriesWatch } from "../feedback/series-watch.ts";
import { type FeedbackSnapshot, type Live, type Tick, WorkloadFeedback } from "../feedback/workload-feedback.ts";
import { EventForecaster } from "../forecast/events/event-forecaster.ts";
import type { ExpectedEvent } from "../forecast/events/lift.ts";
import type { EventsBetween } from "../forecast/events/planned-events.port.ts";
import type { Forecast, ForecasterFactory, ForecasterOptions, ForecasterSnapshot } from "../forecast/forecast.port.ts";
import type { UsageStore } from "../usage/usage-store.port.ts";
import { Pace } from "./pace.ts";

/** Seasons of the past that a forecaster starts with: a week for the weekly lags, and what calibration needs beside it. */
const HISTORY_SEASONS = 15;
/** Seasons of the past that people are shown. */
const SHOWN_SEASONS = 2;
/** Parts of a season of which the past is compared with a forecast once: five minutes of a day. A forecast at every tick of two weeks takes a hundred times what learning takes. */
const COMPARED_PARTS = 288;
/** Ticks of the past that are at hand at least. */
const AT_HAND = 32;
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
  /** Levels that decisions act on. */
  readonly decisiveLevels?: readonly number[];
  readonly tier: ForecasterOptions["tier"];
  /** Ticks of the past that `recent` has at least. */
  readonly recent?: number;
}

/** State of all forecasters of a workload, to go on from after a restart. */
export interface ForecastingSnapshot {
  readonly fedUntil: number;
  readonly series: Partial<Record<SeriesName, ForecasterSnapshot>>;
  readonly feedback?: FeedbackSnapshot;
  /** What load costs. */
  readonly load?: unknown;
}

/** A forecaster that learns a past. */
interface Pupil {
  readonly forecaster: EventForecaster;
  /** The value that is learnt of one that was measured in the tick that ends at `end`. */
  readonly teach: (value: number, end: number) => number;
  readonly watch: SeriesWatch;
  /** One of so many ticks is compared with its forecast. */
  readonly every: number;
  /** Takes the values as they were measured. */
  readonly recent?: number[];
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
  /** Forecasts of the last tick, as far as they were asked for. */
  readonly #issued = new Map<SeriesName, Forecast>();
  readonly #feedback: WorkloadFeedback;
  /** Forecasters that were displaced, kept up for a while to see whether that was right. */
  readonly #rivals = new Map<SeriesName, { readonly forecaster: EventForecaster; readonly watch: SeriesWatch }>();
  /** Values of the last ticks, oldest first, and some before them. */
  readonly #recent = new Map<SeriesName, number[]>();

  /** @param events planned events of the workload; by default there are none */
  constructor(
    options: ForecastingOptions,
    store: UsageStore,
    create: ForecasterFactory,
    events: EventsBetween = () => [],
    feedback = new WorkloadFeedback(options.workload, options.step, options.season),
  ) {
    this.#feedback = feedback;
    this.#options = options;
    this.#store = store;
    this.#create = create;
    this.#events = events;
  }

  /**
   * Feeds every tick that has ended by `until` and was not fed before. A tick without a sample is fed as the gap it is; `feedback` sees
   * each tick first and says what is learnt of it. Of a long past it compares but some ticks with their forecasts.
   *
   * @param until epoch seconds, the end of a tick
   * @param live what is known besides of the tick that ends at `until`
   */
  async catchUp(series: readonly SeriesName[], until: number, live?: Live): Promise<void> {
    const { step } = this.#options;
    const pace = new Pace();
    const starts = new Map<SeriesName, number>();
    for (const name of series) starts.set(name, this.#fedUntil.get(name) ?? (await this.#start(name, until)));
    for (let from = Math.min(until, ...starts.values()); from < until; ) {
      const to = Math.min(until, from + BATCH_TICKS * step);
      const due = series.filter((name) => starts.get(name)! < to);
      const columns = await this.#read(due, from, to);
      for (let end = from + step, i = 0; end <= to; end += step, i++) {
        const begun = due.filter((name) => starts.get(name)! < end);
        const values = new Map(begun.map((name) => [name, columns.get(name)![i]]));
        this.#feed(end < until ? { end, values, past: true } : { end, values, live });
        await pace.breathe();
      }
      from = to;
    }
    for (const name of series) this.#trim(name);
  }

  async #read(series: readonly SeriesName[], from: number, to: number): Promise<Map<SeriesName, Float64Array>> {
    const { workload, step } = this.#options;
    const columns = new Map<SeriesName, Float64Array>();
    for (const name of series) columns.set(name, (await this.#store.demand(workload, name, from, to, step)).values);
    return columns;
  }

  #feed(tick: Tick): void {
    const { step } = this.#options;
    const compared = tick.past !== true || Math.round(tick.end / step) % this.#comparedEvery === 0;
    const learnt = this.#feedback.admit(tick, (name) => (compared ? this.#forecast(name) : undefined));
    for (const [name, value] of tick.values) {
      this.#forecaster(name, tick.end - step).update(learnt.get(name) ?? Number.NaN);
      this.#issued.delete(name);
      this.#feedRival(name, learnt.get(name) ?? Number.NaN);
      this.#fedUntil.set(name, tick.end);
      const recent = this.#recent.get(name) ?? [];
      recent.push(value);
      this.#recent.set(name, recent);
    }
  }

  /** Of a past, one of so many ticks is compared with its forecast. */
  get #comparedEvery(): number {
    const { step, season } = this.#options;
    return Math.max(1, Math.round(season / step / COMPARED_PARTS));
  }

  #feedRival(name: SeriesName, value: number): void {
    const rival = this.#rivals.get(name);
    if (rival === undefined) return;
    const forecast = rival.forecaster.forecast();
    rival.watch.look(value, forecast, false);
    rival.watch.learn(value, forecast);
    rival.forecaster.update(value);
  }

  #trim(name: SeriesName): void {
    const { recent: wanted = AT_HAND } = this.#options;
    const recent = this.#recent.get(name);
    if (recent !== undefined && recent.length >= 2 * Math.max(AT_HAND, wanted))
      this.#recent.set(name, recent.slice(-Math.max(AT_HAND, wanted)));
  }

  /** The forecast that was issued at the end of the last tick, made once. */
  #forecast(name: SeriesName): Forecast | undefined {
    const known = this.#issued.get(name);
    if (known !== undefined) return known;
    const forecaster = this.#forecasters.get(name);
    if (forecaster === undefined || forecaster.ticks === 0) return undefined;
    const forecast = forecaster.forecast();
    this.#issued.set(name, forecast);
    return forecast;
  }

  /**
   * A forecaster made anew from the stored past of a series, up to the last tick that was fed.
   *
   * @param teach the value that is learnt of one that was measured in the tick that ends at `end`
   * @param watch sees every tick as feedback does
   */
  async refit(
    name: SeriesName,
    teach: (value: number, end: number) => number,
    watch: SeriesWatch,
  ): Promise<EventForecaster | undefined> {
    const until = this.#fedUntil.get(name);
    if (until === undefined) return undefined;
    const start = await this.#start(name, until);
    if (start >= until) return undefined;
    const forecaster = this.#make(this.#optionsOf(name, start));
    await this.#learn(name, { forecaster, teach, watch, every: 1 }, start, until);
    return forecaster;
  }

  /**
   * Learns a series anew from its stored past while ticks go on. It compares but some ticks with their forecasts.
   *
   * @param until end of the last tick, for a series that was not fed yet
   * @param teach the value that is learnt of one that was measured in the tick that ends at `end`
   * @param watch sees every tick as feedback does
   * @returns what puts it in the place of what was learnt before, up with the ticks since then: call it while none is under way
   */
  async learnAgain(
    name: SeriesName,
    until: number,
    teach: (value: number, end: number) => number,
    watch: SeriesWatch,
  ): Promise<() => Promise<void>> {
    const reached = this.#fedUntil.get(name) ?? until;
    const start = await this.#start(name, reached);
    const forecaster = this.#make(this.#optionsOf(name, start));
    const recent: number[] = [];
    const pupil = { forecaster, teach, watch, every: this.#comparedEvery, recent };
    await this.#learn(name, pupil, start, reached);
    return async () => {
      const present = Math.max(reached, this.#fedUntil.get(name) ?? reached);
      await this.#learn(name, pupil, reached, present);
      if (forecaster.ticks === 0) return;
      this.adopt(name, forecaster);
      this.#fedUntil.set(name, present);
      this.#recent.set(name, recent);
      this.#trim(name);
    };
  }

  /** Feeds a forecaster the stored values of a series. */
  async #learn(
    name: SeriesName,
    { forecaster, teach, watch, every, recent }: Pupil,
    start: number,
    until: number,
  ): Promise<void> {
    const { step } = this.#options;
    const pace = new Pace();
    for (let from = start; from < until; from += BATCH_TICKS * step) {
      const values = (await this.#read([name], from, Math.min(until, from + BATCH_TICKS * step))).get(name)!;
      for (let i = 0; i < values.length; i++) {
        const end = from + (i + 1) * step;
        const value = teach(values[i], end);
        const compared = forecaster.ticks > 0 && Math.round(end / step) % every === 0;
        const forecast = compared ? forecaster.forecast() : undefined;
        watch.look(value, forecast, false);
        watch.learn(value, forecast);
        forecaster.update(value);
        recent?.push(values[i]);
        await pace.breathe();
      }
    }
  }

  /**
   * From now on this forecaster speaks for the series.
   *
   * @param watch of the one that spoke so far, where that is to be kept up as a rival
   */
  adopt(name: SeriesName, forecaster: EventForecaster, watch?: SeriesWatch): void {
    const before = this.#forecasters.get(name);
    this.#rivals.delete(name);
    if (watch !== undefined && before !== undefined) this.#rivals.set(name, { forecaster: before, watch });
    this.#forecasters.set(name, forecaster);
    this.#issued.delete(name);
  }

  /** Weighs the models that forecast a series by how wrong they are from now on. */
  reweigh(name: SeriesName): void {
    this.#forecasters.get(name)?.reweigh();
  }

  /** What the forecaster that was displaced would have done since; `undefined` where none is kept. */
  rival(name: SeriesName): SeriesWatch | undefined {
    return this.#rivals.get(name)?.watch;
  }

  /** Ends a rivalry: the rival speaks again, or is forgotten. */
  settleRivalry(name: SeriesName, winner: "rival" | "present"): void {
    const rival = this.#rivals.get(name);
    this.#rivals.delete(name);
    if (rival !== undefined && winner === "rival") this.adopt(name, rival.forecaster);
  }

  /** The series that are forecast. */
  get series(): readonly SeriesName[] {
    return [...this.#forecasters.keys()];
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
    const created = this.#make(this.#optionsOf(name, startsAt));
    this.#forecasters.set(name, created);
    return created;
  }

  #make(options: ForecasterOptions): EventForecaster {
    return new EventForecaster(this.#create(options), options, this.#events);
  }

  #optionsOf(series: SeriesName, startsAt: number): ForecasterOptions {
    const { workload: _, recent: __, ...options } = this.#options;
    return { ...options, series, seed: 1, startsAt };
  }

  /** Resolves when `forecasts` can say the best there will be of the last tick, or at the deadline, on the scale of `performance.now()`. */
  async settled(deadline: number): Promise<void> {
    await Promise.all([...this.#forecasters.values()].map((forecaster) => forecaster.settled(deadline)));
  }

  forecasts(): Partial<Record<SeriesName, Forecast>> {
    const result: Partial<Record<SeriesName, Forecast>> = {};
    for (const name of this.#forecasters.keys()) {
      const forecast = this.#forecast(name);
      if (forecast !== undefined) result[name] = forecast;
    }
    return result;
  }

  /** Seconds a tick. */
  get step(): number {
    return this.#options.step;
  }

  /** Ticks a season. */
  get season(): number {
    return Math.round(this.#options.season / this.#options.step);
  }

  /** The forecast of a series as it would be without any event. */
  withoutEvents(name: SeriesName): Forecast | undefined {
    return this.#forecasters.get(name)?.base();
  }

  /** The planned events within the horizon and what each does to a series, those of which nothing is known among them. */
  expectedEvents(name: SeriesName): readonly ExpectedEvent[] {
    return this.#forecasters.get(name)?.expected() ?? [];
  }

  /**
   * What the forecast of a series is made of, so many ticks ahead each. What is usual is found in the stored past, as it was learnt.
   *
   * @param acting the forecast that acts, whatever made it
   * @param level of the quantile that decides
   */
  async explain(
    name: SeriesName,
    acting: Forecast,
    aheads: readonly number[],
    level: number,
  ): Promise<readonly ForecastParts[]> {
    const forecaster = this.#forecasters.get(name);
    const until = this.#fedUntil.get(name);
    if (forecaster === undefined || until === undefined) return [];
    const { step } = this.#options;
    const teach = this.#feedback.teacher(name);
    const past = await this.#past(name, await this.#start(name, until), until);
    return forecaster.explain(
      acting,
      aheads,
      level,
      past.map((value, i) => teach(value, until - (past.length - 1 - i) * step)),
    );
  }

  /** Values of the last two seasons, oldest first, from the store. */
  async history(name: SeriesName): Promise<readonly number[]> {
    const until = this.#fedUntil.get(name);
    if (until === undefined) return [];
    return this.#past(name, await this.#shownFrom(name, until), until);
  }

  /** What was used in the time of `history`, as far as that was measured. */
  async usage(name: SeriesName): Promise<readonly number[]> {
    const until = this.#fedUntil.get(name);
    if (until === undefined) return [];
    const { workload, step } = this.#options;
    const from = await this.#shownFrom(name, until);
    return [...(await this.#store.usage(workload, name, from, until, step)).values];
  }

  async #shownFrom(name: SeriesName, until: number): Promise<number> {
    const { step, season } = this.#options;
    return Math.max(await this.#start(name, until), until - Math.ceil((SHOWN_SEASONS * season) / step) * step);
  }

  async #past(name: SeriesName, from: number, until: number): Promise<number[]> {
    const past: number[] = [];
    const { step } = this.#options;
    for (let at = from; at < until; at += BATCH_TICKS * step) {
      const values = await this.#read([name], at, Math.min(until, at + BATCH_TICKS * step));
      past.push(...values.get(name)!);
    }
    return past;
  }

  /** Values of the last ticks, oldest first. */
  recent(name: SeriesName): readonly number[] {
    return this.#recent.get(name) ?? [];
  }

  snapshot(): ForecastingSnapshot {
    const series: Partial<Record<SeriesName, ForecasterSnapshot>> = {};
    for (const [name, forecaster] of this.#forecasters) series[name] = forecaster.snapshot();
    const fedUntil = Math.max(0, ...this.#fedUntil.values());
    return { fedUntil, series, feedback: this.#feedback.snapshot() };
  }

  /** Goes on from a snapshot where it fits; what does not fit is learnt again from the store. */
  restore(snapshot: ForecastingSnapshot): void {
    for (const [name, state] of Object.entries(snapshot.series) as [SeriesName, ForecasterSnapshot][]) {
      const { options } = state;
      try {
        const { levels, horizons, decisiveWithin, decisiveLevels } = this.#options;
        const forecaster = this.#make({ ...options, levels, horizons, decisiveWithin, decisiveLevels });
        forecaster.restore(state);
        this.#forecasters.set(name, forecaster);
        this.#fedUntil.set(name, snapshot.fedUntil);
      } catch {
        // Made by other settings or by another version: the store still has the past.
      }
    }
    try {
      if (snapshot.feedback !== undefined) this.#feedback.restore(snapshot.feedback, [...this.#forecasters.keys()]);
    } catch {
      // Of another version: what is unusual is learnt anew.
    }
  }
}
