/** Time as the engine sees it; tests and the replay bring their own. */
export interface Clock {
  /** Epoch seconds. */
  now(): number;
  /** Seconds from an arbitrary start that never go back. */
  monotonic(): number;
}
