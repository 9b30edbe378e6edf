/** Beyond this a measurement is taken for garbage: squares of what is below it still are finite. */
export const ABSURD = 1e100;
/** A value this many times the greatest seen lately is learnt from as if it were only that much: one mad sample must not erase weeks. */
export const LEAP = 50;

/** Whether a value is a number from 0 on that a machine could have meant; else it is a gap. */
export function isMeasurement(value: number): boolean {
  return value >= 0 && value < ABSURD;
}

/**
 * The value to learn from.
 *
 * @param greatest of the values seen lately; 0 before there is one
 * @returns NaN for what is no measurement
 */
export function admit(value: number, greatest: number): number {
  if (!isMeasurement(value)) return Number.NaN;
  return greatest > 0 ? Math.min(value, LEAP * greatest) : value;
}
