import type { Clock } from "./clock.port.ts";

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now() / 1000,
  monotonic: () => performance.now() / 1000,
};
