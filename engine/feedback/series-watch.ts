import type { SeriesName } from "../../model/dimension.ts";
import { isMeasurement } from "../forecast/admission.ts";
import { decodeInto, encode } from "../forecast/doubles.ts";
import { type Forecast, pointAt } from "../forecast/forecast.port.ts";
import { AnomalyDetector } from "./anomaly-detector.ts";
import { ChangeDetector } from "./change-point.ts";
import { DriftDetector } from "./drift-detector.ts";
import { levelShift } from "./level-shift.ts";
import { type Residual, residualOf } from "./residual.ts";

/** Ticks ahead at which a forecast does not know yet of a change: a share of the season within bounds. */
const REACH = { share: 1 / 24, least: 6, most: 30 };
/** Seasons over which the usual size and the usual error are taken. */
const USUAL = 0.5;

/** What one tick said of one series. */
export interface Look {
  /** `undefined` in a gap, or before there is a forecast. */
  readonly residual: Residual | undefined;
  /** Ratio to what opens an alert; NaN in a gap. */
  readonly ratio: number;
  /** What had been expected of this tick `reach` ticks before; NaN where nothing was. */
  readonly earlier: number;
}

/** A change that the forecaster of a series has not followed. Errors are sums of |error| over sums of demand. */
export interface Change {
  readonly series: SeriesName;
  readonly cause: "level shift" | "drift";
  /** Ticks since it began, the last one included. */
  readonly ticks: number;
  /** Times the level that was expected without it, where that can be told. */
  readonly ratio?: number;
  /** The usual error before it, and the error since. */
  readonly former: number;
  readonly present: number;
}

interface Usual {
  readonly error: number;
  readonly demand: number;
}

/** What has come since the forecasts of a side began to be wrong, beside what was forecast just before. */
interface Suspicion {
  readonly before: Forecast;
  readonly former: number;
  /** What came in each tick, and what had been expected of it. */
  readonly came: number[];
  readonly expected: number[];
}

/** Ticks that a shift of the level is measured over. */
const LEAST_TICKS = 6;
/** Ticks whose errors are remembered one by one. */
const REMEMBERED = 64;

/** What is known of how well one series is forecast: residuals, anomalies, changes. For each tick `look`, then `learn`. */
export class SeriesWatch {
  readonly series: SeriesName;
  /** Ticks ahead that errors are taken at. */
  readonly reach: number;
  private readonly season: number;
  private readonly detector: AnomalyDetector;
  private readonly changes = new ChangeDetector();
  private readonly drift: DriftDetector;
  /** What was forecast for the next `reach` ticks, each as early, and its scale. */
  private readonly expected: Float64Array;
  private readonly scales: Float64Array;
  /** Errors at that distance of the last ticks, and what came; NaN where there was none. */
  private readonly errors = new Float64Array(REMEMBERED).fill(Number.NaN);
  private readonly demands = new Float64Array(REMEMBERED).fill(Number.NaN);
  /** Ratio of the last tick to what opens an alert; NaN in a gap. */
  ratio = Number.NaN;
  private suspicion: Suspicion | undefined;
  private usual: Usual = { error: 0, demand: 0 };
  private ticks = 0;
  private size = 0;
  private measured = 0;

  /** @param season ticks */
  constructor(series: SeriesName, season: number) {
    this.series = series;
    this.season = season;
    this.reach = Math.max(REACH.least, Math.min(REACH.most, Math.round(REACH.share * season)));
    this.detector = new AnomalyDetector(season);
    this.drift = new DriftDetector(season);
    this.expected = new Float64Array(this.reach).fill(Number.NaN);
    this.scales = new Float64Array(this.reach).fill(Number.NaN);
  }

  /** The side on which it is outside. */
  get direction(): 1 | -1 {
    return this.detector.direction;
  }

  /**
   * Compares the value of the next tick with its forecast.
   *
   * @param forecast issued at the end of the tick before
   * @param excluded the tick is known to be none to judge by
   */
  look(value: number, forecast: Forecast | undefined, excluded: boolean): Look {
    const residual = forecast === undefined ? undefined : residualOf(forecast, 1, value, this.size);
    const score = excluded || residual === undefined ? Number.NaN : residual.score;
    this.ratio = this.detector.update(score);
    return { residual, ratio: this.ratio, earlier: this.expected[this.ticks % this.reach] };
  }

  /**
   * Takes the value that the forecaster learns from, NaN where it is none.
   *
   * @param forecast absent where none was asked for: of such ticks of the past it is not known how far off they were
   */
  learn(value: number, forecast: Forecast | undefined): void {
    const { reach } = this;
    const tick = this.ticks++;
    const measured = isMeasurement(value);
    // This forecast is for `reach` ticks from the one before this; the slot of this tick was filled that long ago.
    const slot = (tick + reach - 1) % reach;
    const early = forecast === undefined ? Number.NaN : pointAt(forecast, reach);
    this.expected[slot] = early;
    this.scales[slot] = (forecast && residualOf(forecast, reach, early, this.size)?.scale) ?? Number.NaN;
    const due = tick % reach;
    const [expected, scale] = [this.expected[due], this.scales[due]];
    const error = measured ? Math.abs(value - expected) : Number.NaN;
    this.errors[tick % REMEMBERED] = error;
    this.demands[tick % REMEMBERED] = Number.isNaN(error) ? Number.NaN : value;
    this.changes.update(Number.isNaN(error) ? Number.NaN : (value - expected) / scale);
    this.drift.update(error);
    this.suspect(value, forecast);
    if (!measured) return;
    const gain = 1 / Math.max(2, USUAL * this.season);
    this.measured++;
    this.size += Math.max(gain, 1 / this.measured) * (value - this.size);
    if (!Number.isNaN(error))
      this.usual = {
        error: (1 - gain) * this.usual.error + error,
        demand: (1 - gain) * this.usual.demand + value,
      };
  }

  private suspect(value: number, forecast: Forecast | undefined): void {
    const age = this.changes.suspected;
    if (age === 0) this.suspicion = undefined;
    else if (forecast === undefined) return;
    else if (this.suspicion === undefined || age < this.suspicion.came.length)
      this.suspicion = { before: forecast, former: this.usualError(), came: [], expected: [] };
    // Farther ahead the forecast from before was not made.
    if (this.suspicion === undefined || this.suspicion.came.length >= 2 * this.reach) return;
    const { before, came, expected } = this.suspicion;
    came.push(value);
    expected.push(pointAt(before, came.length));
  }

  /** A change that is under way, certain, and old enough to be measured. */
  change(): Change | undefined {
    const { series, suspicion } = this;
    if (this.changes.certain && suspicion !== undefined) {
      const { came, expected, former } = suspicion;
      const shift = levelShift(came, expected);
      const age = this.changes.suspected;
      // Older than what is remembered of it: it came slowly.
      if (age > came.length || shift === undefined)
        return { series, cause: "level shift", ticks: age, former, present: this.error(age) };
      const { ticks, ratio } = shift;
      if (ticks >= LEAST_TICKS)
        return { series, cause: "level shift", ticks, ratio, former, present: this.error(ticks) };
    }
    if (!this.drift.certain) return undefined;
    return { series, cause: "drift", ticks: Math.round(this.season / 2), former: 0, present: this.usualError() };
  }

  /** The usual error `reach` ticks ahead: sum of |error| over sum of demand, over about half a season. */
  usualError(): number {
    return shareOf(this.usual);
  }

  /** The same over the last `ticks` ticks, as far as they are remembered. 0 where nothing came. */
  error(ticks: number): number {
    let [error, demand] = [0, 0];
    for (let i = 1; i <= Math.min(ticks, REMEMBERED, this.ticks); i++) {
      const at = (this.ticks - i) % REMEMBERED;
      if (Number.isNaN(this.errors[at])) continue;
      error += this.errors[at];
      demand += this.demands[at];
    }
    return shareOf({ error, demand });
  }

  /** Takes what was found for answered: looks for changes anew. */
  answered(): void {
    this.changes.reset();
    this.drift.reset();
    this.suspicion = undefined;
  }

  snapshot(): unknown {
    const { usual, ticks, size, measured } = this;
    return {
      usual,
      ticks,
      size,
      measured,
      detector: this.detector.snapshot(),
      drift: this.drift.snapshot(),
      arrays: this.arrays().map(encode),
    };
  }

  /** A change that was suspected is looked for anew. */
  restore(state: unknown): void {
    const s = state as { usual: Usual; ticks: number; size: number; measured: number; arrays: string[] } & Record<
      string,
      unknown
    >;
    this.usual = s.usual;
    this.ticks = s.ticks;
    this.size = s.size;
    this.measured = s.measured;
    this.detector.restore(s.detector);
    this.drift.restore(s.drift);
    this.arrays().forEach((array, i) => {
      decodeInto(array, s.arrays[i]);
    });
  }

  private arrays(): Float64Array[] {
    return [this.expected, this.scales, this.errors, this.demands];
  }
}

function shareOf({ error, demand }: Usual): number {
  return demand > 0 ? Math.min(1e6, error / demand) : 0;
}
