import type { ArimaCoefficients, ArimaFitter, ArimaRequest } from "./arima-fitter.port.ts";
import { ArmaFilter } from "./arma-filter.ts";
import { PendingFit } from "./fitting/pending-fit.ts";
import type { History } from "./history.ts";
import type { Model } from "./model.port.ts";
import { Ring } from "./ring.ts";
import { SeasonalProfile } from "./seasonal-profile.ts";

/** Values that a fit is made on. */
const WINDOW = 1_440;
/** Fits after which the order is chosen anew; in between only the coefficients follow. Four days of four fits. */
const ORDER_EVERY = 16;

/**
 * ARIMA of the deviation from the daily profile, on log(1 + x/scale): regression with ARIMA errors, the profile being the regression. The order and the
 * coefficients come from a fitter on another thread and are taken over at the first tick after they have arrived; in between
 * a filter carries the last ones on in constant time. When a tick takes them over depends on how fast the fitter was, so that
 * two runs need not agree to the byte: a replay that has to leaves the fitter out.
 */
export class Arima implements Model {
  readonly name = "arima";
  readonly cost;
  private readonly history: History;
  private readonly horizons: readonly number[];
  private readonly pending: PendingFit<ArimaRequest, ArimaCoefficients>;
  private readonly profile: SeasonalProfile;
  private readonly deviations: Ring;
  private readonly window: number;
  private readonly filter = new ArmaFilter();
  private scale = 0;
  private since = 0;
  /** Fits that were asked for. */
  private fits = 0;
  private ready = false;

  constructor(history: History, horizons: readonly number[], fitter: ArimaFitter) {
    this.history = history;
    this.horizons = horizons;
    this.pending = new PendingFit(this.name, fitter);
    this.window = Math.min(WINDOW, 5 * history.season);
    this.deviations = new Ring(this.window);
    this.profile = new SeasonalProfile(history.season, history.season >= 720 ? 2 : 0);
    this.cost = { perTick: 3, perFit: 100_000, fitEvery: Math.max(1, Math.round(history.season / 4)) };
  }

  get failure(): string | undefined {
    return this.pending.failure;
  }

  /** Asks for a fit; what comes of it is used from a later tick on. */
  fit(): void {
    if (this.history.ticks - this.since < this.window || this.scale === 0) return;
    this.pending.ask(() => this.request());
  }

  private request(): ArimaRequest {
    const first = this.history.ticks - this.window;
    const series = Float64Array.from({ length: this.window }, (_, i) => this.deviations.at(first + i));
    const anew = !this.ready || this.fits % ORDER_EVERY === 0;
    this.fits++;
    return anew ? { series } : { series, known: this.filter.coefficients };
  }

  update(value: number): void {
    const tick = this.history.ticks - 1;
    if (this.scale === 0) {
      this.begin();
      return;
    }
    const z = Math.log1p(this.history.at(tick) / this.scale);
    const usual = this.profile.at(tick);
    const deviation = Number.isNaN(usual) ? 0 : z - usual;
    this.deviations.set(tick, deviation);
    this.profile.push(Number.isNaN(value) ? Number.NaN : z);
    const coefficients = this.pending.take();
    if (coefficients) this.takeOver(coefficients);
    else if (this.ready) this.filter.update(Number.isNaN(value) ? Number.NaN : deviation);
  }

  private takeOver(coefficients: ArimaCoefficients): void {
    this.filter.use(coefficients);
    const last = this.history.ticks - 1;
    for (let i = this.window - 1; i >= 0; i--) this.filter.update(this.deviations.at(last - i));
    this.ready = true;
  }

  /** At the end of the first season with load the scale is its mean, and the profile is what it was. */
  private begin(): void {
    const { history } = this;
    if (history.ticks % history.season !== 0) return;
    let sum = 0;
    for (let i = 1; i <= history.season; i++) sum += history.at(history.ticks - i);
    if (!(sum > 0)) return;
    this.scale = sum / history.season;
    this.since = history.ticks;
    for (let i = history.season; i >= 1; i--) {
      const tick = history.ticks - i;
      this.profile.push(history.isGap(tick) ? Number.NaN : Math.log1p(history.at(tick) / this.scale));
    }
  }

  forecast(out: Float64Array): void {
    if (!this.ready) {
      out.fill(Number.NaN);
      return;
    }
    const now = this.history.ticks - 1;
    const highest = Math.log1p(this.history.greatest() / this.scale) * 1.3 + 0.2;
    this.filter.forecast(this.horizons, out);
    for (let k = 0; k < out.length; k++) {
      const z = this.profile.at(now + this.horizons[k]) + out[k];
      out[k] = Math.expm1(Math.min(highest, Math.max(0, z))) * this.scale;
    }
  }

  snapshot(): unknown {
    return {
      scale: this.scale,
      since: this.since,
      ready: this.ready,
      fits: this.fits,
      failure: this.failure ?? null,
      profile: this.profile.snapshot(),
      deviations: this.deviations.snapshot(),
      filter: this.filter.snapshot(),
    };
  }

  restore(state: unknown): void {
    const s = state as {
      scale: number;
      since: number;
      ready: boolean;
      fits: number;
      failure: string | null;
      profile: unknown;
      deviations: unknown;
      filter: unknown;
    };
    this.scale = s.scale;
    this.since = s.since;
    this.ready = s.ready;
    this.fits = s.fits;
    this.pending.failure = s.failure ?? undefined;
    this.profile.restore(s.profile);
    this.deviations.restore(s.deviations);
    this.filter.restore(s.filter);
  }
}
