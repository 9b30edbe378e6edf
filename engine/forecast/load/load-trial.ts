import { decodeInto, encode } from "../doubles.ts";
import { type Forecast, quantileAt } from "../forecast.port.ts";
import { Pending } from "../pending.ts";
import { pinball } from "../pinball.ts";

/** Share of the own forecast's loss below which the forecast by load speaks, and above which it does so no more. */
const ENTER = 0.95;
const LEAVE = 1;
/** Seasons after which a loss counts half, and of losses that must have been compared. */
const HALF_LIFE = 0.5;
const LEAST = 0.5;

/**
 * Which of two forecasts of a series is better: its own, or that of load times cost. Both are issued each tick for one horizon,
 * and compared with what came by mean pinball loss over the levels.
 */
export class LoadTrial {
  private readonly levels: readonly number[];
  private readonly ahead: number;
  private readonly season: number;
  private readonly own: readonly Pending[];
  private readonly byLoad: readonly Pending[];
  /** Losses of the two, forgetting. */
  private readonly losses = new Float64Array(2);
  private ticks = 0;
  private compared = 0;
  private chosen = false;

  /** @param ahead ticks, at which forecasts are compared @param season ticks */
  constructor(levels: readonly number[], ahead: number, season: number) {
    this.levels = levels;
    this.ahead = ahead;
    this.season = season;
    this.own = levels.map(() => new Pending([ahead]));
    this.byLoad = levels.map(() => new Pending([ahead]));
  }

  /** Takes the value of a tick, NaN where there is none, and the forecasts issued at its end. */
  update(value: number, own: Forecast, byLoad: Forecast | undefined): void {
    const tick = this.ticks++;
    let [mine, loads] = [0, 0];
    this.levels.forEach((level, l) => {
      mine += pinball(level, value, this.own[l].due(0, tick));
      loads += pinball(level, value, this.byLoad[l].due(0, tick));
      this.own[l].put(0, tick, quantileAt(own, level, this.ahead));
      this.byLoad[l].put(0, tick, byLoad === undefined ? Number.NaN : quantileAt(byLoad, level, this.ahead));
    });
    if (Number.isNaN(mine + loads)) return;
    this.compared++;
    const gain = Math.max(1 / this.compared, 1 - Math.exp(-Math.LN2 / (HALF_LIFE * this.season)));
    this.losses[0] += gain * (mine - this.losses[0]);
    this.losses[1] += gain * (loads - this.losses[1]);
    this.chosen = this.compared >= LEAST * this.season && this.ratio < (this.chosen ? LEAVE : ENTER);
  }

  /** The forecast by load is better. */
  get better(): boolean {
    return this.chosen;
  }

  /** Its loss over that of the own forecast. */
  get ratio(): number {
    return this.losses[0] > 0 ? this.losses[1] / this.losses[0] : 1;
  }

  snapshot(): unknown {
    const { ticks, compared, chosen } = this;
    const own = this.own.map((one) => one.snapshot());
    return {
      ticks,
      compared,
      chosen,
      losses: encode(this.losses),
      own,
      byLoad: this.byLoad.map((one) => one.snapshot()),
    };
  }

  restore(state: unknown): void {
    const s = state as {
      ticks: number;
      compared: number;
      chosen: boolean;
      losses: string;
      own: unknown[];
      byLoad: unknown[];
    };
    this.own.forEach((one, l) => {
      one.restore(s.own[l]);
    });
    this.byLoad.forEach((one, l) => {
      one.restore(s.byLoad[l]);
    });
    decodeInto(this.losses, s.losses);
    this.ticks = s.ticks;
    this.compared = s.compared;
    this.chosen = s.chosen;
  }
}
