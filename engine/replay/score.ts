import { minimumCost } from "./oracle.ts";

/** What a run came to. Cost in replica-ticks paid from launch. */
export interface ReplaySummary {
  readonly ticks: number;
  /** Ticks whose need was greater than what was ready. */
  readonly violationTicks: number;
  /** Share of all demand that was above the full capacity of what was ready, of the series with the greatest such share. */
  readonly unservedShare: number;
  readonly cost: number;
  /** The least cost without a violation under perfect foresight. */
  readonly minimumCost: number;
  /** Changes that were made: of the count, or with `owns: floor` of the file. */
  readonly actions: number;
  /** With `owns: floor`: changes of the count by the native autoscaler. */
  readonly nativeActions?: number;
}

/** More than any machine has of anything: a measurement that is wrong, and that would make sums infinite. */
const ABSURD = 1e18;

/** Adds up a run tick by tick. */
export class Score {
  private readonly delay: number;
  private readonly least: number;
  private readonly needs: number[] = [];
  private readonly sums = new Map<string, { demand: number; unserved: number }>();
  private violations = 0;
  private cost = 0;

  /**
   * @param delay ticks that a start takes
   * @param least replicas that are always there, for the minimum
   */
  constructor(delay: number, least: number) {
    this.delay = delay;
    this.least = least;
  }

  /** @param need NaN where demand was not measured: such a tick is no violation */
  tick(need: number, ready: number, pending: number): void {
    this.needs.push(Number.isNaN(need) ? this.least : Math.max(need, this.least));
    if (need > ready) this.violations++;
    this.cost += ready + pending;
  }

  served(series: string, demand: number, capacity: number): void {
    if (!(demand <= ABSURD)) return;
    const sum = this.sums.get(series) ?? { demand: 0, unserved: 0 };
    sum.demand += demand;
    sum.unserved += Math.max(0, demand - capacity);
    this.sums.set(series, sum);
  }

  summary(actions: number, nativeActions?: number): ReplaySummary {
    const shares = [...this.sums.values()].map(({ demand, unserved }) => (demand > 0 ? unserved / demand : 0));
    return {
      ticks: this.needs.length,
      violationTicks: this.violations,
      unservedShare: Math.max(0, ...shares),
      cost: this.cost,
      minimumCost: minimumCost(this.needs, this.delay),
      actions,
      ...(nativeActions === undefined ? {} : { nativeActions }),
    };
  }
}
