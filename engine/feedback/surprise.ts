import { decodeInto, encode } from "../forecast/doubles.ts";
import { RecentQuantile } from "./recent-quantile.ts";

/** Seasons of the past that "unusual" is measured against. */
const WINDOW = 7;
/** Numbers that the reference has to rest on. */
const LEAST_KEPT = 72;
/** Share of ticks that is usual. */
const USUAL = 0.98;
/** Parts of a season ("half-hours") by which it is remembered what came at this phase of the last seasons. */
const PHASES = 48;
const SEASONS = 3;
/** Something has to be so many times as surprising as what came at about the same phase of the last seasons. */
const ROUTINE = 1.5;

/**
 * How surprising a statistic is for its series: over the greatest of a fixed least, of what all but one in fifty ticks of the
 * last week stayed below, and of half as much again as what came at about this time of the last three days. A series whose forecasts are often far
 * off has to be farther off before it is told, and a nightly batch is told once.
 */
export class Surprise {
  private readonly least: number;
  private readonly season: number;
  private readonly phases: number;
  private readonly recent: RecentQuantile;
  /** The greatest statistic of each phase of the last seasons and of this one. */
  private readonly greatest: Float32Array;
  private ticks = 0;

  /** @param season ticks. @param least of the statistic: below it nothing is a surprise on any series */
  constructor(season: number, least: number) {
    this.least = least;
    this.season = season;
    this.phases = Math.min(PHASES, season);
    this.recent = new RecentQuantile(least, Math.max(season, Math.ceil(LEAST_KEPT / WINDOW)), WINDOW);
    this.greatest = new Float32Array((SEASONS + 1) * this.phases);
  }

  /**
   * Takes the statistic of the next tick, at least 0; NaN is a gap.
   *
   * @returns its ratio to the reference from before the tick: above 1 is a surprise. NaN for a gap
   */
  update(statistic: number): number {
    const tick = this.ticks++;
    const phase = Math.floor((tick * this.phases) / this.season);
    const slot = phase % this.greatest.length;
    if (phase !== Math.floor(((tick - 1) * this.phases) / this.season)) this.greatest[slot] = 0;
    const { recent } = this;
    const usual = recent.count >= LEAST_KEPT ? recent.quantile(USUAL) : 0;
    recent.push(statistic);
    if (Number.isNaN(statistic)) return Number.NaN;
    const reference = Math.max(this.least, usual, ROUTINE * this.routine(phase));
    if (statistic > this.greatest[slot]) this.greatest[slot] = statistic;
    return statistic / reference;
  }

  private routine(phase: number): number {
    let most = 0;
    for (let ago = 1; ago <= SEASONS; ago++)
      for (let near = -1; near <= 1; near++) {
        const at = phase - ago * this.phases + near;
        // With few phases a neighbour of the last season's is this one itself.
        if (at >= 0 && at < phase) most = Math.max(most, this.greatest[at % this.greatest.length]);
      }
    return most;
  }

  snapshot(): unknown {
    return { ticks: this.ticks, recent: this.recent.snapshot(), greatest: encode(this.greatest) };
  }

  restore(state: unknown): void {
    const s = state as { ticks: number; recent: unknown; greatest: string };
    this.ticks = s.ticks;
    this.recent.restore(s.recent);
    decodeInto(this.greatest, s.greatest);
  }
}
