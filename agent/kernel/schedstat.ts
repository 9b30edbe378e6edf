import { Digits } from "./digits.ts";

/** `/proc/PID/task/TID/schedstat` of one thread: nanoseconds on a CPU, nanoseconds runnable but waiting for one, and how often it came to run. */
export interface Schedstat {
  run: number;
  wait: number;
  slices: number;
}

const digits = new Digits();

/**
 * The file is one thread's alone, `/proc/PID/schedstat` being the main thread's (Documentation/scheduler/sched-stats.rst).
 * The kernel adds to `wait` when the thread gets a CPU, or, when throttled, after its quota came back.
 */
export function parseSchedstat(bytes: Buffer, length: number, into: Schedstat): boolean {
  digits.over(bytes, 0, length);
  into.run = digits.next();
  into.wait = digits.next();
  into.slices = digits.next();
  return !Number.isNaN(into.slices);
}
