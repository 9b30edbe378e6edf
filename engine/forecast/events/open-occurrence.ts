import type { PlannedEvent } from "../../../model/planned-event.ts";
import { decodeInto, encode } from "../doubles.ts";
import { type Forecast, pointAt } from "../forecast.port.ts";
import { admissible, median } from "./uplift-memory.ts";

/** Ticks after which what came of an occurrence says something of the rest of it. */
const LEAST_TICKS = 3;
/** Share of the event's ticks that must have been measured for it to be remembered. */
const LEAST_SHARE = 0.5;
/** A forecast below this share of its greatest says little: a ratio over it is mostly noise. */
const LEAST_BASE = 0.02;
/** Ratios that are kept; of a longer occurrence every n-th. */
const MOST_RATIOS = 512;

interface State {
  readonly event: PlannedEvent;
  readonly horizons: readonly number[];
  readonly point: string;
  readonly startedAt: number;
  readonly ticks: number;
  readonly ratios: readonly number[];
  readonly taken: number;
}

/** An occurrence that goes on: value over the forecast made just before it began, tick by tick. */
export class OpenOccurrence {
  readonly event: PlannedEvent;
  private readonly before: Pick<Forecast, "horizons" | "point">;
  private readonly greatest: number;
  /** Ticks that had been seen when it began, and those that it lasts. */
  private readonly startedAt: number;
  private readonly ticks: number;
  private ratios: number[] = [];
  private taken = 0;

  /** @param before what was forecast when it began @param ticks that it lasts */
  constructor(event: PlannedEvent, before: Pick<Forecast, "horizons" | "point">, startedAt: number, ticks: number) {
    this.event = event;
    this.before = before;
    this.greatest = before.point.reduce((most, one) => Math.max(most, one), 0);
    this.startedAt = startedAt;
    this.ticks = Math.max(1, ticks);
  }

  is({ name, from }: PlannedEvent): boolean {
    return this.event.name === name && this.event.from === from;
  }

  /**
   * Takes the value of a tick, other events divided out.
   *
   * @param season ticks after which what was forecast comes again, for events that outlast the forecast
   */
  take(value: number, tick: number, season: number): void {
    const { horizons } = this.before;
    const last = horizons[horizons.length - 1];
    let ahead = tick - this.startedAt + 1;
    if (ahead > last) {
      if (last < season) return;
      ahead = ((ahead - 1) % season) + 1;
    }
    const base = pointAt(this.before, ahead);
    if (!(base > LEAST_BASE * this.greatest)) return;
    const stride = Math.ceil(this.ticks / MOST_RATIOS);
    if (this.taken++ % stride === 0) this.ratios.push(admissible(value / base));
  }

  /** What it does as far as it has come. */
  factor(): number | undefined {
    return this.taken < Math.min(LEAST_TICKS, this.ticks) ? undefined : this.middle();
  }

  /** What it did, where enough of it was seen. */
  result(): number | undefined {
    return this.taken >= LEAST_SHARE * this.ticks && this.taken > 0 ? this.middle() : undefined;
  }

  private middle(): number {
    return median([...this.ratios].sort((a, b) => a - b));
  }

  snapshot(): unknown {
    const { event, startedAt, ticks, ratios, taken } = this;
    const { horizons, point } = this.before;
    return { event, horizons, point: encode(point), startedAt, ticks, ratios, taken } satisfies State;
  }

  static restore(state: unknown): OpenOccurrence {
    const { event, horizons, point: text, startedAt, ticks, ratios, taken } = state as State;
    const point = new Float64Array(horizons.length);
    decodeInto(point, text);
    const occurrence = new OpenOccurrence(event, { horizons, point }, startedAt, ticks);
    occurrence.ratios = [...ratios];
    occurrence.taken = taken;
    return occurrence;
  }
}
