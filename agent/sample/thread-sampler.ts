import { ThreadDemand } from "../../model/demand.ts";
import { isGone, KernelFile } from "../kernel/kernel-file.ts";
import { parseSchedstat, type Schedstat } from "../kernel/schedstat.ts";
import { isRunnable } from "../kernel/threads.ts";
import { IDLE_READS, IDLE_TICKS, type Sampling, type Tick } from "./sampling.ts";

const NANOSECONDS = 1e-9;
const scratch: Schedstat = { run: 0, wait: 0, slices: 0 };

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
  readonly #directory: string;
  readonly #number: number;
  readonly #demand = new ThreadDemand();
  readonly #waits = () => isRunnable(this.#directory);
  #run = Number.NaN;
  #wait = 0;
  #slices = 0;
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
    this.#directory = `${sampling.procRoot}/${pid}/task/${tid}`;
    this.#file = new KernelFile(`${this.#directory}/schedstat`, sampling.budget);
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
    const booked = first ? 0 : Math.max(0, scratch.wait - this.#wait) * NANOSECONDS;
    const slices = first ? 0 : Math.max(0, scratch.slices - this.#slices);
    const elapsed = tick.now - this.#readAt;
    this.#run = scratch.run;
    this.#wait = scratch.wait;
    this.#slices = scratch.slices;
    this.#readAt = tick.now;
    if (elapsed > 0) {
      this.usage = ran / elapsed;
      this.demand = this.#demand.of({ ran, booked, slices, elapsed }, this.#waits);
      this.runTime += ran;
      this.waitTime += this.#demand.waited;
    }
    this.#idle = ran === 0 && booked === 0 && this.demand === 0 && !first ? this.#idle + 1 : 0;
    this.#next = tick.number + (this.#idle >= IDLE_READS ? IDLE_TICKS - (this.#number % 2) : 1);
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
