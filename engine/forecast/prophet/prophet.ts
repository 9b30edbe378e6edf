import type { PlannedEvent } from "../../../model/planned-event.ts";
import { PendingFit } from "../fitting/pending-fit.ts";
import type { History } from "../history.ts";
import type { Model } from "../model.port.ts";
import { Ring } from "../ring.ts";
import { prophetAt } from "./prophet-curve.ts";
import type { ProphetParameters } from "./prophet-fit.ts";
import type { ProphetFitter, ProphetRequest } from "./prophet-fitter.port.ts";

/** A fit sees the means of so many parts of a season (15 minutes of a day): the curve has no detail that is finer. */
const PARTS = 96;
/** Seasons that a fit is made on: four weeks. */
const WINDOW = 28;
/** Seasons before the first fit: two periods of the shorter season. */
const LEAST = 2;

export interface ProphetOptions {
  /** Seconds a tick. */
  readonly step: number;
  /** Epoch seconds at which the first tick begins. */
  readonly startsAt: number;
  /** The calendar: events that overlap [from, to), in epoch seconds. */
  readonly events?: (from: number, to: number) => readonly PlannedEvent[];
}

/**
 * Prophet's curve (see `fitProphet`): trend with change points, two seasons, planned events. It knows nothing of the last hour;
 * its use is on long horizons, with calendars, and after the level has changed. The curve comes from a fitter on another
 * thread and is taken over at the first tick after it has arrived; in between a forecast is the curve's value, in constant time. When a
 * tick takes it over depends on how fast the fitter was, so that two runs need not agree to the byte.
 */
export class Prophet implements Model {
  readonly name = "prophet";
  readonly cost;
  private readonly history: History;
  private readonly horizons: readonly number[];
  private readonly pending: PendingFit<ProphetRequest, ProphetParameters>;
  private readonly options: ProphetOptions;
  /** Ticks that are averaged for a fit. */
  private readonly width: number;
  private readonly window: number;
  private readonly means: Ring;
  private sum = 0;
  private measured = 0;
  /** The first mean that was no gap; −1 before. */
  private first = -1;
  private parameters: ProphetParameters | undefined;

  constructor(history: History, horizons: readonly number[], fitter: ProphetFitter, options: ProphetOptions) {
    const { season } = history;
    this.history = history;
    this.horizons = horizons;
    this.pending = new PendingFit(this.name, fitter);
    this.options = options;
    this.width = Math.max(1, Math.round(season / PARTS));
    this.window = Math.floor((WINDOW * season) / this.width);
    this.means = new Ring(this.window);
    this.cost = { perTick: 3, perFit: 10_000, fitEvery: Math.max(1, Math.round(season / 4)) };
  }

  /** Means that are complete. */
  private get count(): number {
    return Math.floor(this.history.ticks / this.width);
  }

  get failure(): string | undefined {
    return this.pending.failure;
  }

  /** Asks for a fit; what comes of it is used from a later tick on. */
  fit(): void {
    if (this.first < 0) return;
    if ((this.count - this.first - 1) * this.width < LEAST * this.history.season) return;
    this.pending.ask(() => this.request());
  }

  private request() {
    const { step } = this.options;
    const last = this.count;
    const first = Math.max(this.first, last - this.window);
    const seconds = this.width * step;
    const startsAt = this.options.startsAt + (first + 0.5) * seconds;
    const length = last - first;
    return {
      grid: { startsAt, step: seconds, length, season: this.history.season * step },
      values: Float64Array.from({ length }, (_, i) => this.means.at(first + i)),
      events: this.events(startsAt - seconds / 2, startsAt + (length - 0.5) * seconds),
    };
  }

  private events(from: number, to: number): readonly PlannedEvent[] {
    return this.options.events?.(from, to) ?? [];
  }

  update(value: number): void {
    if (!Number.isNaN(value)) {
      this.sum += value;
      this.measured++;
    }
    if (this.history.ticks % this.width === 0) {
      const index = this.count - 1;
      this.means.set(index, this.measured > 0 ? this.sum / this.measured : Number.NaN);
      if (this.measured > 0 && this.first < 0) this.first = index;
      this.sum = 0;
      this.measured = 0;
    }
    this.parameters = this.pending.take() ?? this.parameters;
  }

  forecast(out: Float64Array): void {
    const { parameters, horizons } = this;
    if (parameters === undefined) {
      out.fill(Number.NaN);
      return;
    }
    const { startsAt, step } = this.options;
    // The middle of the tick that has just ended.
    const now = startsAt + (this.history.ticks - 0.5) * step;
    const events =
      parameters.events.length > 0 ? this.events(now, now + (horizons[horizons.length - 1] + 1) * step) : [];
    for (let k = 0; k < out.length; k++)
      out[k] = Math.max(0, prophetAt(parameters, now + horizons[k] * step, step, events));
  }

  snapshot(): unknown {
    return {
      sum: this.sum,
      measured: this.measured,
      first: this.first,
      means: this.means.snapshot(),
      parameters: this.parameters ?? null,
      failure: this.failure ?? null,
    };
  }

  restore(state: unknown): void {
    const s = state as {
      sum: number;
      measured: number;
      first: number;
      means: unknown;
      parameters: ProphetParameters | null;
      failure: string | null;
    };
    this.sum = s.sum;
    this.measured = s.measured;
    this.first = s.first;
    this.means.restore(s.means);
    this.parameters = s.parameters ?? undefined;
    this.pending.failure = s.failure ?? undefined;
  }
}
