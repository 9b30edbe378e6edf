/**
 * What held a workload back, beside its usage. docs/demand.md names each figure's source.
 *
 * | name | unit |
 * | --- | --- |
 * | cpu_wait | cores: threads that were runnable and did not run |
 * | cpu_throttled | share of the quota's periods in which it was used up |
 * | cpu_pressure, memory_pressure, disk_pressure | share of the time in which some task stalled |
 * | memory_returned | bytes per second that were evicted and asked for again |
 * | memory_limit_hits | times per second that the limit made the kernel reclaim |
 * | memory_swapped | bytes in swap |
 * | connections_waiting | connections which nobody has accepted yet |
 * | connections_refused | connections per second for which the listening socket had no room |
 */
export const HELD_BACK = [
  "cpu_wait",
  "cpu_throttled",
  "cpu_pressure",
  "memory_pressure",
  "disk_pressure",
  "memory_returned",
  "memory_limit_hits",
  "memory_swapped",
  "connections_waiting",
  "connections_refused",
] as const;
export type HeldBackName = (typeof HELD_BACK)[number];

/** Absent is what cannot be read, or has no rate yet. */
export type HeldBack = Partial<Record<HeldBackName, number>>;
