import { threadIds, threadName } from "../kernel/threads.ts";
import type { Sampling, Tick } from "./sampling.ts";
import { ThreadSampler } from "./thread-sampler.ts";

/** Threads are listed again when their number changes, and this often, since one can come as another goes. */
const LIST_TICKS = 10;
const MOST_THREADS = 10_000;
/** The process's clock ticks may differ by this from its threads' nanoseconds without one of those having been overlooked. */
const COARSE_SECONDS = 0.03;

/** The threads of one process beside its main one. */
export class ThreadGroup {
  readonly #pid: number;
  readonly #threads = new Map<number, ThreadSampler>();
  #listedTick = Number.NEGATIVE_INFINITY;
  #listedTime: number | undefined;

  /** @param since seconds of the monotonic clock when the process is known not to have existed */
  constructor(pid: number, since: number | undefined) {
    this.#pid = pid;
    this.#listedTime = since;
  }

  get size(): number {
    return this.#threads.size;
  }

  values(): Iterable<ThreadSampler> {
    return this.#threads.values();
  }

  /**
   * Reads the threads that are due, and the idle ones too when the process used more CPU time than those explain.
   *
   * @param count threads that the process has beside the main one
   * @param expected CPU seconds that the process used beside the main thread
   * @param elapsed seconds since the process was read before: until then its own clock would have shown a thread that ran
   * @param wake reads all
   */
  read(sampling: Sampling, tick: Tick, count: number, expected: number, elapsed: number, wake: boolean): void {
    if (count !== this.#threads.size || tick.number >= this.#listedTick + LIST_TICKS) this.#list(sampling, tick);
    let unexplained = expected;
    const passed: ThreadSampler[] = [];
    for (const thread of this.#threads.values()) {
      if (!wake && !thread.due(tick)) {
        passed.push(thread);
        continue;
      }
      thread.idleUntil(tick.now - elapsed);
      const ran = thread.read(sampling, tick);
      if (ran === undefined) this.#drop(thread);
      else unexplained -= ran;
    }
    const search = unexplained > COARSE_SECONDS;
    for (const thread of passed) {
      if (search) thread.idleUntil(tick.now - elapsed);
      if (!search) thread.rest();
      else if (thread.read(sampling, tick) === undefined) this.#drop(thread);
    }
  }

  rest(): void {
    for (const thread of this.#threads.values()) thread.rest();
  }

  #list(sampling: Sampling, tick: Tick): void {
    const ids = threadIds(sampling.procRoot, this.#pid);
    if (ids === undefined) return;
    const present = new Set(ids);
    for (const thread of this.#threads.values()) if (!present.has(thread.tid)) this.#drop(thread);
    for (const tid of ids) {
      if (tid === this.#pid || this.#threads.has(tid) || this.#threads.size >= MOST_THREADS) continue;
      const name = threadName(sampling.procRoot, this.#pid, tid);
      this.#threads.set(tid, new ThreadSampler(sampling, this.#pid, tid, name, tick.now, this.#listedTime));
    }
    this.#listedTick = tick.number;
    this.#listedTime = tick.now;
  }

  #drop(thread: ThreadSampler): void {
    thread.close();
    this.#threads.delete(thread.tid);
  }

  close(): void {
    for (const thread of this.#threads.values()) this.#drop(thread);
  }
}
