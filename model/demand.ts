/**
 * Demand from usage and what was held back of it. One formula a dimension; docs/demand.md tells where each comes from and what it
 * cannot know. All of them give at least the usage, and the usage itself where nothing was held back.
 */

/** Share of an interval that a thread waited for a CPU, from which on it counts as held back. */
const HELD_BACK_SHARE = 0.05;
/** Seconds of a held-back thread's own time, running or asleep, that its demand is taken from. */
const OWN_SECONDS = 1;
/** Share of a limit from which on usage says only that demand is at least that. */
const AT_LIMIT = 0.95;

/** What one thread did in an interval, in seconds (`/proc/PID/task/TID/schedstat`). */
export interface ThreadTime {
  readonly ran: number;
  /**
   * Runnable and not running: behind other threads, or because a quota was used up. The kernel books a wait when it ends, so that
   * this may be longer than the interval.
   */
  readonly booked: number;
  /** How often it came to run. */
  readonly slices: number;
  readonly elapsed: number;
}

/**
 * CPU demand of one thread in cores. It runs, waits for a CPU and sleeps in turn; without the wait the same turns take only as long
 * as running and sleeping do, so that demand is `ran / (ran + slept)`. For a thread that never sleeps that is a whole core, whatever
 * its limit. Simply adding the wait, `(ran + waited) / elapsed`, would count it for a thread that sleeps, too: a request that a quota
 * holds up for the rest of its period delays an answer, and asks for no more CPU than without.
 *
 * Time that is neither run nor booked wait was slept, or belongs to a wait that has not ended. If the thread waits at the end of the
 * interval, as much as its waits take lately stays open and is settled by what is booked next.
 *
 * A limit stretches the turns, beyond the interval in the end. So a thread that is held back is looked at over the last second of
 * its own time, running or asleep, however long that took; from the interval on that follows the one in which it came to be held back.
 */
export class ThreadDemand {
  /** Seconds of the wait in the interval that ended last. */
  waited = 0;
  /** Seconds not yet known to be wait or sleep; below zero: booked for intervals before. */
  #open = 0;
  /** Of a thread that was never seen running it is not known either. */
  #active = true;
  #held = false;
  #ran = 0;
  #own = 0;

  /**
   * @param waits tells whether the thread is runnable now; asked only of one that may be held back
   * @returns cores asked for in the interval that ends now; at least what it ran
   */
  of({ ran, booked, slices, elapsed }: ThreadTime, waits: () => boolean): number {
    const slept = this.#slept(ran, booked, slices, elapsed, waits);
    const own = ran + slept;
    this.waited = Math.max(0, elapsed - own);
    const before = this.#held;
    this.#held = this.waited > HELD_BACK_SHARE * elapsed;
    if (!this.#held || !before) {
      this.#ran = this.#own = 0;
      return own > 0 ? ran / own : this.waited / elapsed;
    }
    const rest = Math.min(1, Math.max(0, OWN_SECONDS - own) / Math.max(this.#own, Number.MIN_VALUE));
    this.#ran = this.#ran * rest + ran;
    this.#own = this.#own * rest + own;
    return Math.max(ran / elapsed, this.#own > 0 ? this.#ran / this.#own : 1);
  }

  #slept(ran: number, booked: number, slices: number, elapsed: number, waits: () => boolean): number {
    const still = ran === 0 && booked === 0;
    const doubtful = still ? this.#active : booked > HELD_BACK_SHARE * elapsed;
    const waiting = doubtful && waits();
    const most = !waiting ? 0 : still ? Number.POSITIVE_INFINITY : (2 * booked) / Math.max(1, slices);
    const rest = elapsed + this.#open - ran - booked;
    this.#open = Math.min(most, Math.max(-elapsed, rest));
    this.#active = !still || waiting;
    return Math.max(0, rest - this.#open);
  }
}

/**
 * Memory demand in bytes: the working set and what was evicted from it and asked for again in the interval. With a larger limit
 * those pages would have stayed. Where they come back several times they count as often, but not more than the working set again.
 *
 * @param returned bytes that came back in the interval sooner than the working set is large (`workingset_activate_*`)
 */
export function memoryDemand(workingSet: number, returned: number): number {
  return workingSet + Math.min(workingSet, Math.max(0, returned));
}

/**
 * Whether demand is censored: at a limit of memory, disk or bandwidth the wait says nothing of how much more is wanted, so that
 * demand is known to be at least the usage and no more. `Infinity` or `NaN` is no limit.
 */
export function isAtLimit(usage: number, limit: number): boolean {
  return usage >= AT_LIMIT * limit;
}
