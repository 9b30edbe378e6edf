import type { SeriesName } from "../../model/dimension.ts";
import type { ForecasterFactory, ForecasterOptions, SeriesForecaster } from "../forecast/forecast.port.ts";
import { pointAt } from "../forecast/forecast.port.ts";
import { quantile } from "./assumed-capacity.ts";

/** How well a series of a workload can be forecast. */
export interface Predictability {
  readonly series: SeriesName;
  /** Of what was measured, in the unit of the series. */
  readonly mean: number;
  readonly greatest: number;
  /** Share of ticks without a value. */
  readonly gaps: number;
  /** Whether forecasts might act at the end of the past, and why or why not: the engine's own gate. */
  readonly trusted: boolean;
  readonly reason: string;
  /** 1 − loss over that of seasonal naive (yesterday's value), in pinball loss at the lead time; `null` before it could be judged. */
  readonly skill: number | null;
  /** 1 − mean error at the lead time over that of the best constant, chosen in hindsight: 0 for noise, 1 for a clock. `null` before it could be judged. */
  readonly explained: number | null;
}

const GREATEST = 0.999;

/** How far middle forecasts at the lead time are from what comes. */
export class Judged {
  readonly #ahead: number;
  readonly #from: number;
  /** What was said of the tick, by tick modulo the lead. */
  readonly #said: Float64Array;
  #error = 0;
  #count = 0;
  readonly #came: number[] = [];
  #forecaster: SeriesForecaster | undefined;
  #tick = 0;

  /** @param ahead ticks @param from the first tick that is judged */
  constructor(ahead: number, from: number) {
    this.#ahead = ahead;
    this.#from = from;
    this.#said = new Float64Array(ahead).fill(Number.NaN);
  }

  /** Makes the forecasters whose forecasts are listened to. */
  listenTo(create: ForecasterFactory): ForecasterFactory {
    return (options: ForecasterOptions) => {
      const inner = create(options);
      this.#forecaster = inner;
      const update = (value: number) => {
        this.come(value);
        inner.update(value);
      };
      const forecast = () => {
        const said = inner.forecast();
        this.say(pointAt(said, this.#ahead));
        return said;
      };
      return {
        update,
        forecast,
        reweigh: () => inner.reweigh(),
        get ticks() {
          return inner.ticks;
        },
        snapshot: () => inner.snapshot(),
        restore: (snapshot) => inner.restore(snapshot),
      };
    };
  }

  /** What is forecast now of the tick so far ahead. */
  say(point: number): void {
    this.#said[(this.#tick + this.#ahead - 1) % this.#ahead] = point;
  }

  /** The value of the next tick. */
  come(value: number): void {
    const slot = this.#tick % this.#ahead;
    const said = this.#said[slot];
    this.#said[slot] = Number.NaN;
    if (this.#tick++ < this.#from || Number.isNaN(said) || Number.isNaN(value)) return;
    this.#error += Math.abs(value - said);
    this.#count++;
    this.#came.push(value);
  }

  /** @param values of the whole past @param evidence by default that of the forecaster that is listened to */
  judgement(
    series: SeriesName,
    values: Float64Array,
    evidence = this.#forecaster?.forecast().evidence,
  ): Predictability {
    const measured = values.filter((value) => !Number.isNaN(value));
    const skill = evidence?.skill ?? Number.NaN;
    return {
      series,
      mean: measured.reduce((sum, value) => sum + value, 0) / Math.max(1, measured.length),
      greatest: quantile(values, GREATEST),
      gaps: 1 - measured.length / Math.max(1, values.length),
      trusted: evidence?.trusted ?? false,
      reason: evidence?.reason ?? "nothing was forecast",
      skill: Number.isFinite(skill) ? skill : null,
      explained: this.#explained(),
    };
  }

  #explained(): number | null {
    if (this.#count === 0) return null;
    const came = Float64Array.from(this.#came);
    const middle = quantile(came, 0.5);
    const constant = came.reduce((sum, value) => sum + Math.abs(value - middle), 0);
    return constant > 0 ? 1 - this.#error / constant : null;
  }
}
