const DAY = 86_400;
/** Pushes of one stack's branch in a day. */
const PUSHES = 24;
/** Pushes of a day that may follow each other at once; the rest is spread over the day, so that it never runs out early. */
const AT_ONCE = 4;
const SPREAD = DAY / (PUSHES - AT_ONCE);

/**
 * When the branch of a stack may be pushed next: at most 24 times in any 24 hours, of which the first four may come at once and the others
 * 72 minutes apart. Pure.
 *
 * @param pushes epoch seconds of the pushes so far, ascending
 * @returns epoch seconds; at most `now` when it may be pushed now
 */
export function nextPush(pushes: readonly number[], now: number): number {
  const recent = pushesOfDay(pushes, now);
  if (recent.length < AT_ONCE) return now;
  const spread = recent[recent.length - 1] + SPREAD;
  return recent.length < PUSHES ? spread : Math.max(spread, recent[recent.length - PUSHES] + DAY);
}

/** The pushes that still count. */
export function pushesOfDay(pushes: readonly number[], now: number): number[] {
  return pushes.filter((at) => at > now - DAY);
}
