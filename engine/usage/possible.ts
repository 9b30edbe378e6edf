import type { Metric } from "../../model/dimension.ts";

/** Nothing of a host is that large; above it a value is a mistake. */
const GREATEST: Record<Metric, number> = {
  cpu: 1e5,
  memory: 2 ** 50,
  disk_read: 2 ** 45,
  disk_write: 2 ** 45,
  disk_read_operations: 1e10,
  disk_write_operations: 1e10,
  disk_used: 2 ** 60,
  network_receive: 2 ** 45,
  network_transmit: 2 ** 45,
  requests: 1e10,
  errors: 1e10,
};
const GREATEST_SIGNAL = 1e15;

/** Clocks of hosts differ a little; beyond this a time in the future is a mistake. */
export const FUTURE_SECONDS = 60;
/** The most that one name, reason or label may be long. */
export const MOST_TEXT = 500;

/** Whether a host can have so much of it. NaN is nothing that can be. */
export function isPossible(metric: Metric, value: number): boolean {
  return value >= 0 && value <= GREATEST[metric];
}

/** Whether a named signal can have the value. */
export function isPossibleSignal(value: number): boolean {
  return value >= 0 && value <= GREATEST_SIGNAL;
}
