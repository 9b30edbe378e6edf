import { InputError } from "../model/input-error.ts";
import { parseDuration, parsePercent } from "../model/units.ts";

/** Seconds from an argument such as `2h`. @throws InputError that names the option */
export function durationArgument(option: string, text: string): number {
  const seconds = parseDuration(text);
  if (seconds === undefined)
    throw new InputError(option, [{ path: "", expected: "a duration such as 30s, 5m or 2h", found: text }]);
  return seconds;
}

/** A share from an argument such as `0.5%`. @throws InputError that names the option */
export function shareArgument(option: string, text: string): number {
  const share = parsePercent(text);
  if (share === undefined)
    throw new InputError(option, [{ path: "", expected: "a percentage such as 0.5%", found: text }]);
  return share;
}

/** A whole number that is not negative. @throws InputError that names the option */
export function countArgument(option: string, text: string): number {
  if (!/^\d{1,7}$/.test(text))
    throw new InputError(option, [{ path: "", expected: "a whole number of replicas", found: text }]);
  return Number(text);
}
