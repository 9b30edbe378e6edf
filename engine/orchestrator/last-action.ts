import type { DecideInput, PastAction } from "./decide.port.ts";

/** When the last action in one of the directions was; what claims to come from the future is taken to be of now. */
export function lastAction(
  { lastActions, now }: Pick<DecideInput, "lastActions" | "now">,
  directions: readonly PastAction["direction"][],
): number | undefined {
  let last: number | undefined;
  for (const { at, direction } of lastActions)
    if (directions.includes(direction) && Number.isFinite(at)) last = Math.max(last ?? at, at);
  return last === undefined ? undefined : Math.min(last, now);
}
