import { isGone, KernelFile } from "../kernel/kernel-file.ts";
import { parseSchedstat, type Schedstat } from "../kernel/schedstat.ts";
import { IDLE_READS, IDLE_TICKS, type Sampling, type Tick } from "./sampling.ts";

const NANOSECONDS = 1e-9;
const scratch: Schedstat = { run: 0, wait: 0 };

/**
 * CPU usage and demand of one thread: what it would have used had it never waited for a CPU.
 *
 * The kernel books a wait when it ends. What a tick got booked beyond its own length belongs to its neighbours and is carried
 * to the next one: a thread never wants more than one core, and over a few ticks the sum is exact.
 */
export class ThreadSampler {
  readonly tid: number;
  name: string;
  /** Cores over the time since the previous read. */
  usage = 0;
  demand = 0;
  /** Seconds on a CPU and waiting, counted since the first read. */
  runTime = 0;
  waitTime = 0;
  readonly #file: KernelFile;
  readonly #number: number;
  #run = Number.NaN;
  #wait = 0;
  #carried = 0;
  #readAt: number;
  #idle = 0;
  #next = 0;

  /**
   * @param since seconds of the monotonic clock when the thread is known not to have existed; undefined when it may be
   * older than the agent's knowledge of it, so that its first read is only a base
   */
  constructor(sampling: Sampling, pid: number, tid: number, name: string, now: number, since: number | undefined) {
    this.tid = tid;
    this.#number = tid;
    this.name = name;
    this.#file = new KernelFile(`${sampling.procRoot}/${pid}/task/${tid}/schedstat`, sampling.budget);
    this.#readAt = since ?? now;
    if (since !== undefined) this.#run = 0;
  }

  /** Whether this tick is one to read at; a thread that did not run for some reads is read every few ticks. */
  due(tick: Tick): boolean {
    return tick.number >= this.#next;
  }

  /** @returns the seconds on a CPU since the read before; `NaN` when there is no figure; undefined when the thread is no more */
  read(sampling: Sampling, tick: Tick): number | undefined {
    const length = this.#file.read(sampling.buffer);
    if (length < 0 || !parseSchedstat(sampling.buffer, length, scratch)) {
      this.rest();
      if (isGone(this.#file.error)) return undefined;
      sampling.partialReads++;
      return Number.NaN;
    }
    const first = Number.isNaN(this.#run);
    const ran = first ? 0 : Math.max(0, scratch.run - this.#run) * NANOSECONDS;
    const waited = first ? 0 : Math.max(0, scratch.wait - this.#wait) * NANOSECONDS;
    const elapsed = tick.now - this.#readAt;
    this.#run = scratch.run;
    this.#wait = scratch.wait;
    this.#readAt = tick.now;
    this.#idle = ran === 0 && waited === 0 && !first ? this.#idle + 1 : 0;
    this.#next = tick.number + (this.#idle >= IDLE_READS ? IDLE_TICKS - (this.#number % 2) : 1);
    if (elapsed <= 0) return ran;
    const wanted = ran + waited + this.#carried;
    const asked = Math.max(ran, Math.min(wanted, elapsed));
    this.#carried = Math.min(Math.max(0, wanted - asked), elapsed);
    this.runTime += ran;
    this.waitTime += asked - ran;
    this.usage = ran / elapsed;
    this.demand = demandOf(ran, asked - ran, elapsed);
    return ran;
  }

  /** It is known not to have run before: what it ran since the read before it ran since then. */
  idleUntil(time: number): void {
    this.#readAt = Math.max(this.#readAt, time);
  }

  /** It was not read at this tick, or could not be: it did nothing that is known. */
  rest(): void {
    this.usage = 0;
    this.demand = 0;
  }

  close(): void {
    this.#file.close();
  }
}

/**
 * Cores that a thread asks for. It runs, waits for a CPU and sleeps in turn; without the wait the same turns take only as long as
 * running and sleeping do, so that demand is run / (run + sleep). For a thread that never sleeps that is run + wait over the elapsed
 * time, a whole core, whatever its limit. Simply adding the wait would count it for a thread that sleeps, too: a request that
 * a quota holds up for the rest of its period delays an answer, and asks for no more CPU than without.
 */
function demandOf(ran: number, waited: number, elapsed: number): number {
  const own = elapsed - waited;
  return ran > 0 && own > ran ? ran / own : (ran + waited) / elapsed;
}
