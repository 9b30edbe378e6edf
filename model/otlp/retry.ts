/** Longest wait that the agent chooses, and that a receiver may ask for. */
const MOST_SECONDS = 15;
const MOST_ASKED_SECONDS = 300;
const LONGEST_DOUBLING = 10;

/**
 * Seconds to wait after so many failures in a row: twice as long each time, of which a random half, so that agents that failed together do
 * not come back together. What the receiver asks for is kept to, with a tenth more at random.
 *
 * @param failures at least 1
 * @param asked seconds that the receiver asked for
 * @param random from 0 to 1
 */
export function retryDelay(failures: number, asked: number | undefined, random: number): number {
  if (asked !== undefined) return Math.min(asked, MOST_ASKED_SECONDS) * (1 + random / 10);
  return Math.min(2 ** Math.min(failures - 1, LONGEST_DOUBLING), MOST_SECONDS) * (0.5 + random / 2);
}

/**
 * Seconds of a `Retry-After` header, which is a number of them or an HTTP date (RFC 9110, 10.2.3).
 *
 * @param now epoch seconds
 * @returns undefined when it says nothing of the future
 */
export function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const seconds = /^\s*\d+\s*$/.test(header) ? Number(header) : Date.parse(header) / 1000 - now;
  return seconds > 0 ? seconds : undefined;
}
