import type { Profile } from "./profile.ts";

/** A process that is to be profiled. */
export interface Target {
  readonly procRoot: string;
  readonly pid: number;
  /** Clock ticks after boot: with the pid, the process's identity. */
  readonly startTime: number;
  /** Where it serves profiles, where that was stated. */
  readonly port?: number;
}

/** Profiles processes of one runtime. */
export interface Profiler {
  /**
   * Seconds of what a process does on CPUs. Nothing of the profiler's is in the process when the promise settles, or the error says until when.
   *
   * @param seconds whole
   * @param signal ends it early; the promise then rejects
   * @throws Error that says why the process cannot be profiled
   */
  profile(target: Target, seconds: number, signal: AbortSignal): Promise<Profile>;
}
