/** Seconds over which what a workload usually uses is averaged, and that must have passed before it can grow. */
const USUAL_SECONDS = 300;
const SETTLED_SECONDS = 60;
/** Growth is so much above the usual, for so many seconds. */
const FACTOR = 1.5;
const CORES = 0.1;
const LASTING_SECONDS = 5;
/** Seconds between two rounds of profiles at least, whatever grows. */
const LEAST_PAUSE = 60;

/** When a workload's processes are profiled: at times, and when it asks for clearly more CPU than of late. */
export class WorkloadPace {
  readonly #every: number;
  #usual = Number.NaN;
  #watched = 0;
  #grown = 0;
  #roundAt = Number.NEGATIVE_INFINITY;

  /** @param every seconds between two rounds */
  constructor(every: number) {
    this.#every = every;
  }

  /**
   * Takes the cores that the workload asked for in a tick.
   *
   * @param now seconds of a monotonic clock
   * @returns whether it is time for a round
   */
  due(cpu: number, interval: number, now: number): boolean {
    if (!Number.isFinite(cpu)) return false;
    const grows = this.#watched >= SETTLED_SECONDS && cpu > this.#usual * FACTOR + CORES;
    this.#grown = grows ? this.#grown + interval : 0;
    this.#watched += interval;
    if (Number.isNaN(this.#usual)) this.#usual = cpu;
    else this.#usual += (cpu - this.#usual) * (1 - Math.exp(-interval / USUAL_SECONDS));
    const since = now - this.#roundAt;
    return since >= this.#every || (this.#grown >= LASTING_SECONDS && since >= LEAST_PAUSE);
  }

  /** A round begins; what is used now is looked at and not looked at again for being more. */
  begun(cpu: number, now: number): void {
    this.#roundAt = now;
    if (this.#grown > 0) this.#usual = cpu;
    this.#grown = 0;
  }
}
