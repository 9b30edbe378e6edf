/** A function on a stack. */
export interface Frame {
  readonly name: string;
  /** As the runtime names its source; empty where it does not. */
  readonly file: string;
  /** Where the function begins, from 1; 0 where that is not known. */
  readonly line: number;
}

/** CPU time of one stack. */
export interface StackSample {
  /** Innermost first. */
  readonly stack: readonly Frame[];
  readonly nanoseconds: number;
}

/** What one process did on CPUs for a while: the part of a pprof profile that all runtimes can give. */
export interface Profile {
  /** Epoch seconds at which it began. */
  readonly at: number;
  readonly seconds: number;
  readonly samples: readonly StackSample[];
}
