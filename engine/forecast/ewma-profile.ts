import type { History } from "./history.ts";
import type { Model } from "./model.port.ts";
import { SeasonalProfile } from "./seasonal-profile.ts";

const GAIN = 0.3;

/**
 * The daily profile, plus an exponentially weighted mean of the deviation from it that fades with the horizon, with a
 * half-life of a 24th of the season (an hour of a day). Before the first season is over, the weighted mean of the values alone.
 */
export class EwmaProfile implements Model {
  readonly name = "ewma profile";
  readonly cost = { perTick: 0.5, perFit: 0, fitEvery: 0 };
  private readonly history: History;
  private readonly horizons: readonly number[];
  private readonly profile: SeasonalProfile;
  private readonly fading: Float64Array;
  private deviation = 0;
  private level = Number.NaN;

  constructor(history: History, horizons: readonly number[]) {
    this.history = history;
    this.horizons = horizons;
    this.profile = new SeasonalProfile(history.season, history.season >= 720 ? 2 : 1);
    const halfLife = history.season / 24;
    this.fading = Float64Array.from(horizons, (h) => Math.exp((-Math.LN2 * h) / halfLife));
  }

  fit(): void {}

  update(value: number): void {
    const usual = this.profile.at(this.history.ticks - 1);
    if (!Number.isNaN(value)) {
      this.level = !Number.isNaN(this.level) ? this.level + GAIN * (value - this.level) : value;
      if (!Number.isNaN(usual)) this.deviation += GAIN * (value - usual - this.deviation);
    }
    this.profile.push(value);
  }

  forecast(out: Float64Array): void {
    const now = this.history.ticks - 1;
    for (let k = 0; k < out.length; k++) {
      const usual = this.profile.at(now + this.horizons[k]);
      out[k] = !Number.isNaN(usual) ? Math.max(0, usual + this.fading[k] * this.deviation) : this.level;
    }
  }

  snapshot(): unknown {
    return { deviation: this.deviation, level: String(this.level), profile: this.profile.snapshot() };
  }

  restore(state: unknown): void {
    const s = state as { deviation: number; level: string; profile: unknown };
    this.deviation = s.deviation;
    this.level = Number(s.level);
    this.profile.restore(s.profile);
  }
}
