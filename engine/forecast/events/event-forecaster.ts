import type { ForecastParts } from "../../../model/forecast-parts.ts";
import type { PlannedEvent } from "../../../model/planned-event.ts";
import { Components } from "../explain/components.ts";
import { explainAt } from "../explain/explain.ts";
import {
  type Forecast,
  type ForecasterOptions,
  type ForecasterSnapshot,
  pointAt,
  type SeriesForecaster,
} from "../forecast.port.ts";
import { type ExpectedEvent, liftForecast } from "./lift.ts";
import { OpenOccurrence } from "./open-occurrence.ts";
import type { EventsBetween } from "./planned-events.port.ts";
import { type Uplift, UpliftMemory } from "./uplift-memory.ts";

const VERSION = 2;
/** Seasons of events that are asked for at once: an "hour", after which a changed calendar is seen. */
const CHUNK_SEASONS = 1 / 24;
/** An event of which so far came so much more or less than expected is taken as it comes. */
const SURPRISE = 1.3;

/**
 * A forecaster that knows of planned events. What is measured during one is divided by what the event does before models learn
 * from it, so that neither the daily profile nor the recent level takes the event for usual; what it does is learnt per
 * name by comparing with the forecast made just before it began; and forecasts are lifted over the events to come. It also
 * tells what a forecast is made of, from the same values.
 */
export class EventForecaster implements SeriesForecaster {
  private readonly inner: SeriesForecaster;
  private readonly options: ForecasterOptions;
  private readonly between: EventsBetween;
  private readonly memory: UpliftMemory;
  /** Ticks. */
  private readonly season: number;
  private open: OpenOccurrence[] = [];
  private known: { from: number; to: number; events: readonly PlannedEvent[] } = { from: 0, to: 0, events: [] };

  constructor(inner: SeriesForecaster, options: ForecasterOptions, between: EventsBetween) {
    this.inner = inner;
    this.options = options;
    this.between = between;
    this.memory = new UpliftMemory(options.series);
    this.season = Math.round(options.season / options.step);
  }

  get ticks(): number {
    return this.inner.ticks;
  }

  async settled(deadline: number): Promise<void> {
    await this.inner.settled?.(deadline);
  }

  update(value: number): void {
    const { step, startsAt } = this.options;
    const from = startsAt + this.inner.ticks * step;
    const events = this.eventsOf(from, from + step);
    if (this.open.length > 0) this.closeEnded(events);
    if (events.length === 0) {
      this.inner.update(value);
      return;
    }
    this.begin(events);
    this.inner.update(this.without(value));
  }

  reweigh(): void {
    this.inner.reweigh();
  }

  /** The value as it would have been without the events of its tick. */
  private without(value: number): number {
    if (!(value >= 0)) return value;
    const expected = this.open.map(({ event }) => this.memory.of(event));
    // Of several at once of which nothing is known, no one can be told from the others.
    const unknown = expected.filter(({ source }) => source === "unknown").length;
    let factor = 1;
    this.open.forEach((occurrence, i) => {
      const others = expected.reduce((product, { middle }, j) => (j === i ? product : product * middle), 1);
      const rest = unknown - (expected[i].source === "unknown" ? 1 : 0);
      if (rest === 0) occurrence.take(value / others, this.inner.ticks, this.season);
      factor *= this.factorOf(occurrence, expected[i]).middle;
    });
    return value / factor;
  }

  /** What an event that goes on does: as known, unless what came of it says otherwise. */
  private factorOf(occurrence: OpenOccurrence, known: Uplift): Uplift {
    const coming = occurrence.factor();
    if (coming === undefined) return known;
    const surprise = coming > known.middle ? coming / known.middle : known.middle / coming;
    if (known.source !== "unknown" && surprise < SURPRISE) return known;
    return { low: coming, middle: coming, high: coming, source: "coming", occurrences: known.occurrences };
  }

  private begin(events: readonly PlannedEvent[]): void {
    const { step } = this.options;
    for (const event of events) {
      if (this.open.some((occurrence) => occurrence.is(event))) continue;
      const ticks = Math.round((event.to - event.from) / step);
      this.open.push(new OpenOccurrence(event, this.inner.forecast(), this.inner.ticks, ticks));
    }
  }

  private closeEnded(events: readonly PlannedEvent[]): void {
    const goesOn = (occurrence: OpenOccurrence) => events.some((event) => occurrence.is(event));
    for (const occurrence of this.open) {
      if (goesOn(occurrence)) continue;
      const factor = occurrence.result();
      if (factor !== undefined) this.memory.record(occurrence.event.name, factor);
    }
    this.open = this.open.filter(goesOn);
  }

  /** The events of a tick; each name once, however many calendars have it. */
  private eventsOf(from: number, to: number): readonly PlannedEvent[] {
    const { season, step } = this.options;
    if (from < this.known.from || to > this.known.to) {
      const end = from + Math.max(step, CHUNK_SEASONS * season);
      this.known = { from, to: end, events: this.between(from, end) };
    }
    if (this.known.events.length === 0) return this.known.events;
    return onceByName(this.known.events.filter((event) => event.from < to && event.to > from));
  }

  forecast(): Forecast {
    return liftForecast(this.inner.forecast(), this.expected());
  }

  /** The forecast as it would be without any event. */
  base(): Forecast {
    return this.inner.forecast();
  }

  /** The events within the horizon, and what each is expected to do. */
  expected(): ExpectedEvent[] {
    const { step, startsAt, horizons } = this.options;
    const now = startsAt + this.inner.ticks * step;
    const coming = onceByName(this.between(now, now + horizons[horizons.length - 1] * step));
    return coming.map((event) => {
      const known = this.memory.of(event);
      const occurrence = this.open.find((one) => one.is(event));
      return { event, uplift: occurrence === undefined ? known : this.factorOf(occurrence, known) };
    });
  }

  /**
   * What the forecast that acts is made of, so many ticks ahead each: this forecaster's own, or one that was made otherwise.
   *
   * @param level of the quantile that decides
   * @param past what was learnt of the last ticks, oldest first, NaN in gaps: it tells what is usual. Events are taken out of it here, by what is
   *   known of them now
   */
  explain(acting: Forecast, aheads: readonly number[], level: number, past: readonly number[]): ForecastParts[] {
    const components = new Components(this.season);
    const { step, startsAt } = this.options;
    const from = startsAt + (this.inner.ticks - past.length) * step;
    const events = this.between(from, from + past.length * step);
    past.forEach((value, i) => {
      const at = from + i * step;
      const inIt = onceByName(events.filter((event) => event.from < at + step && event.to > at));
      components.update(inIt.reduce((rest, event) => rest / this.memory.of(event).middle, value));
    });
    const [base, lifted] = [this.inner.forecast(), this.forecast()];
    return aheads.map((ahead) => {
      const without = pointAt(base, ahead) / pointAt(lifted, ahead);
      return explainAt(acting, components.usual(ahead), ahead, level, without);
    });
  }

  snapshot(): ForecasterSnapshot {
    return {
      format: "foreshadow.forecaster",
      version: VERSION,
      options: this.options,
      state: {
        inner: this.inner.snapshot(),
        memory: this.memory.snapshot(),
        open: this.open.map((occurrence) => occurrence.snapshot()),
      },
    };
  }

  restore({ format, version, state }: ForecasterSnapshot): void {
    const { inner, memory, open } = state as {
      inner?: ForecasterSnapshot;
      memory: unknown;
      open: unknown[];
    };
    if (format !== "foreshadow.forecaster" || version !== VERSION || inner === undefined)
      throw new RangeError(`expected a forecaster's state with events of version ${VERSION}, found another`);
    this.inner.restore(inner);
    this.memory.restore(memory);
    this.open = open.map((one) => OpenOccurrence.restore(one));
  }
}

function onceByName(events: readonly PlannedEvent[]): PlannedEvent[] {
  const seen = new Set<string>();
  return events.filter(({ name, from }) => {
    const key = `${name}\n${from}`;
    return !seen.has(key) && seen.add(key);
  });
}
