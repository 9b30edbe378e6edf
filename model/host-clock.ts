/** Seconds on the host's clock that never goes back: the same for all its processes, unlike `performance.now()`. */
export function monotonicSeconds(): number {
  return Number(process.hrtime.bigint()) / 1e9;
}
