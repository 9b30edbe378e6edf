import { admit } from "../admission.ts";
import { SeasonalProfile } from "../seasonal-profile.ts";

/** What a value is made of, in the unit of the series. */
export interface Usual {
  readonly level: number;
  readonly trend: number;
  readonly daily: number;
  readonly weekly: number;
}

/** Seasons that make a level: a whole "week", so that its days do not sway it. */
const WEEK = 7;
/** Parts of a season that a weekly correction is told apart by: "hours". */
const HOURS = 24;
/** What each week's correction counts for beside the next one's, and weeks that must have been seen. */
const MEMORY = 0.7;
const LEAST_WEEKS = 2;
/** What the greatest value counts for a day later. */
const FORGET = 0.9;

/**
 * What is usual of a series, in parts that people know: its level, the mean of the last week; the trend from the week before to it;
 * what the time of day adds; and what the time of the week adds to that. The classical decomposition by moving averages (Kendall and
 * Stuart, The Advanced Theory of Statistics, vol. 3, on time series), from past values alone. It forecasts nothing; it
 * tells what of a forecast is usual, and what is not.
 */
export class Components {
  private readonly season: number;
  private readonly profile: SeasonalProfile;
  /** Means of the last two weeks' days, oldest first. */
  private means: number[] = [];
  private readonly sums = new Float64Array(WEEK * HOURS);
  private readonly weights = new Float64Array(WEEK * HOURS);
  /** Weeks in which each hour of the week was measured. */
  private readonly weeks = new Float64Array(WEEK * HOURS);
  private ticks = 0;
  private today = { sum: 0, count: 0 };
  private hour = { sum: 0, count: 0 };
  private profileMean = Number.NaN;
  private greatest = 0;

  /** @param season ticks */
  constructor(season: number) {
    this.season = season;
    this.profile = new SeasonalProfile(season, season >= 720 ? 2 : 1);
  }

  /** Takes the value of the next tick, events taken out; NaN is a gap. */
  update(raw: number): void {
    const tick = this.ticks;
    const value = this.admit(raw);
    if (!Number.isNaN(value)) {
      const { level, trend, daily } = this.withoutWeek(tick);
      this.today.sum += value;
      this.today.count++;
      this.hour.sum += value - level - trend - daily;
      this.hour.count++;
    }
    this.profile.push(value);
    this.ticks++;
    if (this.hourOf(tick) !== this.hourOf(tick + 1)) this.closeHour(this.hourOf(tick));
    if (this.ticks % this.season === 0) this.closeDay();
  }

  private admit(value: number): number {
    const admitted = admit(value, this.greatest);
    if (admitted > this.greatest) this.greatest = admitted;
    return admitted;
  }

  private closeHour(index: number): void {
    const { sum, count } = this.hour;
    this.hour = { sum: 0, count: 0 };
    // Until a week has passed there is no level that a day could differ from.
    if (count === 0 || this.means.length < WEEK) return;
    this.sums[index] = MEMORY * this.sums[index] + sum / count;
    this.weights[index] = MEMORY * this.weights[index] + 1;
    this.weeks[index]++;
  }

  private closeDay(): void {
    const { sum, count } = this.today;
    this.today = { sum: 0, count: 0 };
    if (count > 0) this.means = [...this.means, sum / count].slice(-2 * WEEK);
    this.profileMean = this.meanOfProfile();
    this.greatest *= FORGET;
  }

  private meanOfProfile(): number {
    let [sum, count] = [0, 0];
    for (let phase = 0; phase < this.season; phase++) {
      const usual = this.profile.at(phase);
      if (Number.isNaN(usual)) continue;
      sum += usual;
      count++;
    }
    return count === 0 ? Number.NaN : sum / count;
  }

  /** What is usual so many ticks after the last one seen. All parts are finite. */
  usual(ahead: number): Usual {
    const tick = this.ticks - 1 + ahead;
    const index = this.hourOf(tick);
    const weekly = this.weeks[index] >= LEAST_WEEKS ? this.sums[index] / this.weights[index] : 0;
    return { ...this.withoutWeek(tick), weekly };
  }

  private withoutWeek(tick: number): Omit<Usual, "weekly"> {
    const { means, today, season } = this;
    const days = means.slice(-WEEK);
    const partial = today.count > 0 ? today.sum / today.count : 0;
    const level = days.length > 0 ? meanOf(days) : partial;
    // Two whole weeks: with fewer days the days of the week would pass for a trend.
    const perDay = means.length === 2 * WEEK ? (level - meanOf(means.slice(0, WEEK))) / WEEK : 0;
    const sinceMiddle = tick / season - (Math.floor(this.ticks / season) - WEEK / 2);
    const usual = this.profile.at(tick);
    const daily = Number.isNaN(usual) || Number.isNaN(this.profileMean) ? 0 : usual - this.profileMean;
    return { level, trend: perDay * sinceMiddle, daily };
  }

  private hourOf(tick: number): number {
    return Math.floor((tick * HOURS) / this.season) % (WEEK * HOURS);
  }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
