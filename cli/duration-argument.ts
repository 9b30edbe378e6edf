import { InputError } from "../model/input-error.ts";
import { parseDuration, parsePercent } from "../model/units.ts";

/** Seconds from an argument such as `2h`. @throws InputError that names the option */
export function durationArgument(option: string, text: string): number {
  const seconds = parseDuration(text);
  if (seconds === undefined)
    throw new InputError(option, [{ path: "", expected: "a duration such as 30s, 5m or 2h", found: text }]);
  return seconds;
}

/** A share of violation ticks as constraints allow it. @throws InputError that names the option */
export function violationArgument(option: string, text: string): number {
  return shareArgument(option, text, "above 0% and below 50%", (share) => share > 0 && share < 0.5);
}

/** A utilisation target. @throws InputError that names the option */
export function utilisationArgument(option: string, text: string): number {
  return shareArgument(option, text, "above 0% and at most 100%", (share) => share > 0 && share <= 1);
}

function shareArgument(option: string, text: string, bounds: string, fits: (share: number) => boolean): number {
  const share = parsePercent(text);
  if (share === undefined || !fits(share))
    throw new InputError(option, [{ path: "", expected: `a percentage ${bounds}, such as 0.5%`, found: text }]);
  return share;
}

/** A whole number that is not negative. @throws InputError that names the option */
export function countArgument(option: string, text: string): number {
  if (!/^\d{1,7}$/.test(text))
    throw new InputError(option, [{ path: "", expected: "a whole number of replicas", found: text }]);
  return Number(text);
}
