import type { Constraints } from "../../model/constraints.ts";
import { finite } from "./finite.ts";
import { STEP_PERIOD } from "./policy.ts";

/** When, and how much at a time, a person lets capacity change. */

/** Whether an instant lies in one of the windows of the day (UTC). No windows: always. */
export function inWindow(windows: readonly string[], at: number): boolean {
  if (windows.length === 0) return true;
  const minute = (((at % 86_400) + 86_400) % 86_400) / 60;
  return windows.some((window) => {
    const match = /^(\d\d):(\d\d)-(\d\d):(\d\d)$/.exec(window);
    if (match === null) return false;
    const [from, to] = [Number(match[1]) * 60 + Number(match[2]), Number(match[3]) * 60 + Number(match[4])];
    return from <= to ? minute >= from && minute < to : minute >= from || minute < to;
  });
}

/**
 * Share of what there is that the step allows to go at once: the share a minute, over the minutes since the last release, at most sixty.
 *
 * @param since seconds since the last release; `undefined` where there was none
 * @param step seconds a tick
 */
export function shareReleasable({ change }: Constraints, since: number | undefined, step: number): number {
  const share = finite(change.step.in, 0.1, 0, 1);
  const periods = since === undefined ? 60 : Math.floor(since / Math.min(STEP_PERIOD, step));
  let left = 1;
  for (let k = 0; k < Math.min(60, Math.max(1, periods)); k++) left *= 1 - share;
  return 1 - left;
}
