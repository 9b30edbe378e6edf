import { admit } from "./admission.ts";
import { decodeInto, encode } from "./doubles.ts";
import { Ring } from "./ring.ts";
import { SeasonalProfile } from "./seasonal-profile.ts";

/**
 * What the models of one series share: the last week of values by tick, with gaps filled so that lags can be read, and
 * the flags that tell which are filled. What fills a gap is the seasonal profile plus the last deviation from it.
 */
export class History {
  /** Ticks a season. */
  readonly season: number;
  private readonly ring: Ring;
  private readonly profile: SeasonalProfile;
  private readonly gaps: Uint8Array;
  /** Ticks seen, gaps included. */
  ticks = 0;
  /** Ticks that were measured. */
  measured = 0;
  /** The greatest value of each of the last fourteen seasons, the present one first. */
  private readonly maxima = new Float64Array(14);
  private deviation = 0;

  /** @param reach the greatest horizon, in ticks */
  constructor(season: number, reach: number) {
    this.season = season;
    this.ring = new Ring(7 * season + reach + 8);
    this.gaps = new Uint8Array(this.ring.mask + 1);
    this.profile = new SeasonalProfile(season, 0);
  }

  /** The value to learn from: NaN unless it is a finite number from 0 on that a machine could have meant. */
  admit(value: number): number {
    return admit(value, this.greatest());
  }

  /** Takes an admitted value, or NaN. */
  push(value: number): void {
    const tick = this.ticks;
    const usual = this.profile.at(tick);
    const gap = Number.isNaN(value);
    let filled = value;
    if (gap) {
      const last = tick > 0 ? this.ring.at(tick - 1) : 0;
      filled = !Number.isNaN(usual) ? Math.max(0, usual + this.deviation) : last;
    } else {
      this.measured++;
      if (!Number.isNaN(usual)) this.deviation += 0.3 * (value - usual - this.deviation);
      if (value > this.maxima[0]) this.maxima[0] = value;
    }
    this.ring.set(tick, filled);
    this.gaps[tick & this.ring.mask] = gap ? 1 : 0;
    this.profile.push(value);
    this.ticks++;
    if (this.ticks % this.season === 0) {
      this.maxima.copyWithin(1, 0);
      this.maxima[0] = 0;
    }
  }

  /** The value of a tick within the last week, filled where it was a gap. */
  at(tick: number): number {
    return this.ring.at(tick);
  }

  isGap(tick: number): boolean {
    return this.gaps[tick & this.ring.mask] === 1;
  }

  /**
   * Mean of what was measured in the season that has just ended; 0 where none ends with this tick, or where it was without load. What
   * models take as the scale of a series.
   */
  endedSeasonMean(): number {
    if (this.ticks % this.season !== 0) return 0;
    let sum = 0;
    let count = 0;
    for (let tick = this.ticks - this.season; tick < this.ticks; tick++) {
      if (this.isGap(tick)) continue;
      sum += this.at(tick);
      count++;
    }
    return sum > 0 ? sum / count : 0;
  }

  /** The greatest value of the last fourteen seasons. */
  greatest(): number {
    let most = 0;
    for (let i = 0; i < this.maxima.length; i++) if (this.maxima[i] > most) most = this.maxima[i];
    return most;
  }

  snapshot(): unknown {
    return {
      ticks: this.ticks,
      measured: this.measured,
      deviation: this.deviation,
      maxima: encode(this.maxima),
      ring: encode(this.ring.data),
      gaps: Buffer.from(this.gaps).toString("base64"),
      profile: this.profile.snapshot(),
    };
  }

  restore(state: unknown): void {
    const s = state as { ticks: number; measured: number; deviation: number; profile: unknown } & Record<
      string,
      string
    >;
    this.ticks = s.ticks;
    this.measured = s.measured;
    this.deviation = s.deviation;
    decodeInto(this.maxima, s.maxima);
    decodeInto(this.ring.data, s.ring);
    this.gaps.set(Buffer.from(s.gaps, "base64"));
    this.profile.restore(s.profile);
  }
}
